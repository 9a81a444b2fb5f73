#pragma once

#include "base/shared_list.hpp"
#include "call/numbers.hpp"
#include "dialplan/dialplan.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace dialhook::dialplan {

/// All dialplans, found by the number that was called, in E.164 where both sides can be brought to it: the number
/// itself, else the longest prefix (`+3150210*`), else `default`.
class NumberPlan
{
public:
    NumberPlan() = default;
    /// `plans` have different keys, also after `key_of`, which leaves nothing of none.
    NumberPlan(SharedList<Dialplan> plans, Numbers numbers);
    NumberPlan(const NumberPlan&) = delete;
    NumberPlan& operator=(const NumberPlan&) = delete;
    NumberPlan(NumberPlan&&) = default;
    NumberPlan& operator=(NumberPlan&&) = default;
    ~NumberPlan() = default;

    /// Returns the dialplan that a call to `did` follows, or null.
    const Dialplan* find(std::string_view did) const;

    /// Returns the dialplan whose key is written so, or null.
    const Dialplan* with_key(std::string_view key) const;

    const SharedList<Dialplan>& plans() const { return plans_; }

    /// Returns whether a key is a pattern, and so stands for all numbers that start like it.
    static bool is_pattern(std::string_view key) { return key.ends_with('*'); }

    /// Returns what two keys for the same numbers have in common; that of a pattern ends in `*`, too.
    static std::string key_of(std::string_view key, const Numbers& numbers);

    static constexpr std::string_view default_key = "default";

private:
    using Index = std::unordered_map<std::string, const Dialplan*>;

    void add_prefix(std::string_view pattern, const Dialplan& plan);

    SharedList<Dialplan> plans_;
    Numbers numbers_;
    Index by_number_;
    Index by_prefix_;
    std::vector<std::size_t> prefix_lengths_; ///< those that occur, longest first
    const Dialplan* default_ = nullptr;
};

} // namespace dialhook::dialplan
