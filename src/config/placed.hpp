#pragma once

#include "base/pace.hpp"
#include "yaml/fault_list.hpp"
#include "yaml/shown.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dialhook::config {

/// What a file defines under a name, and where that name stands.
template <class Named>
struct Placed
{
    Named value;
    FileNumber file;
    Mark mark;
};

template <class Named>
const Named& named(const Named& value)
{
    return value;
}
template <class Named>
const Named& named(const std::shared_ptr<const Named>& value)
{
    return *value;
}

/// Returns those of `order`, which is by name and then by place; a name that stands in two files is a fault.
template <class Named>
std::vector<Named> joined_in_order(std::string_view section, const std::vector<Placed<Named>*>& order,
                                   FaultList& faults)
{
    std::vector<Named> result;
    result.reserve(order.size());
    const Placed<Named>* first = nullptr;
    for (auto* placed : order) {
        Pace::between_pieces();
        if (first == nullptr || named(result.back()).name != named(placed->value).name) {
            first = placed;
            result.push_back(std::move(placed->value));
        } else if (first->file != placed->file) { // twice in one mapping was said when the file was parsed
            faults.add(placed->file, placed->mark,
                       std::string(section) + ": " + in_quotes(named(placed->value).name.str()) +
                           " appears twice; the first one is at " + faults.place(first->file, first->mark));
        }
    }
    return result;
}

/// Returns all of a section by name.
template <class Named>
std::vector<Named> joined_by_name(std::string_view section, std::vector<Placed<Named>> all, FaultList& faults)
{
    std::vector<Placed<Named>*> order;
    order.reserve(all.size());
    for (auto& placed : all)
        order.push_back(&placed);
    std::ranges::stable_sort(
        order, {}, [](const Placed<Named>* placed) -> auto& { return named(placed->value).name; });
    return joined_in_order(section, order, faults);
}

} // namespace dialhook::config
