#include <dialhook/dialplan/did_key.hpp>
#include <dialhook/dialplan/number_plan.hpp>

#include <algorithm>
#include <functional>
#include <utility>

namespace dialhook::dialplan {

NumberPlan::NumberPlan(std::vector<Dialplan> plans, std::string international_prefix)
    : plans_(std::move(plans))
    , international_prefix_(std::move(international_prefix))
{
    by_number_.reserve(plans_.size());
    for (const Dialplan& plan : plans_) {
        std::string key = did_key(plan.key, international_prefix_);
        if (plan.key == default_key) {
            default_ = &plan;
        } else if (is_pattern(key)) {
            key.pop_back();
            prefix_lengths_.push_back(key.size());
            by_prefix_.emplace(std::move(key), &plan);
        } else {
            by_number_.emplace(std::move(key), &plan);
        }
    }
    std::ranges::sort(prefix_lengths_, std::greater<>());
    prefix_lengths_.erase(std::unique(prefix_lengths_.begin(), prefix_lengths_.end()), prefix_lengths_.end());
}

const Dialplan* NumberPlan::find(std::string_view did) const
{
    std::string number = did_key(did, international_prefix_);
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
    std::string number = did_key(key, international_prefix_);
    const bool pattern = is_pattern(number);
    if (pattern)
        number.pop_back();
    const Index& index = pattern ? by_prefix_ : by_number_;
    const auto found = index.find(number);
    return found == index.end() ? nullptr : found->second;
}

} // namespace dialhook::dialplan
