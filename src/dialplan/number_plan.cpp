#include "dialplan/number_plan.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace dialhook::dialplan {

NumberPlan::NumberPlan(SharedList<Dialplan> plans, Numbers numbers)
    : plans_(std::move(plans))
    , numbers_(std::move(numbers))
{
    by_number_.reserve(plans_.size());
    for (const Dialplan& plan : plans_) {
        std::string key = key_of(plan.key, numbers_);
        if (plan.key == default_key) {
            default_ = &plan;
        } else if (is_pattern(plan.key)) {
            add_prefix(key, plan);
            add_prefix(plan.key, plan); // 050* stands for short numbers as well, which have no E.164 form
        } else {
            by_number_.emplace(std::move(key), &plan);
        }
    }
    std::ranges::sort(prefix_lengths_, std::greater<>());
    prefix_lengths_.erase(std::unique(prefix_lengths_.begin(), prefix_lengths_.end()), prefix_lengths_.end());
}

void NumberPlan::add_prefix(std::string_view pattern, const Dialplan& plan)
{
    pattern.remove_suffix(1);
    prefix_lengths_.push_back(pattern.size());
    by_prefix_.emplace(pattern, &plan);
}

std::string NumberPlan::key_of(std::string_view key, const Numbers& numbers)
{
    if (!is_pattern(key))
        return numbers.key(key);
    return numbers.key_of_start(key.substr(0, key.size() - 1)) + "*";
}

const Dialplan* NumberPlan::find(std::string_view did) const
{
    std::string number = numbers_.key(did);
    if (const auto found = by_number_.find(number); found != by_number_.end())
        return found->second;
    for (const std::size_t length : prefix_lengths_) {
        if (length > number.size())
            continue;
        number.resize(length);
        if (const auto found = by_prefix_.find(number); found != by_prefix_.end())
            return found->second;
    }
    return default_;
}

const Dialplan* NumberPlan::with_key(std::string_view key) const
{
    if (key == default_key)
        return default_;
    std::string number = key_of(key, numbers_);
    const bool pattern = is_pattern(key);
    if (pattern)
        number.pop_back();
    const Index& index = pattern ? by_prefix_ : by_number_;
    const auto found = index.find(number);
    return found == index.end() ? nullptr : found->second;
}

} // namespace dialhook::dialplan
