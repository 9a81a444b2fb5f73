#pragma once

#include <dialhook/dialplan/dialplan.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace dialhook::dialplan {

/// All dialplans, found by the number that was called: the number itself, else the longest prefix (`+3150210*`), else
/// `default`.
class NumberPlan
{
public:
    NumberPlan() = default;
    /// `plans` have different keys, also after `did_key`, which leaves nothing of none.
    NumberPlan(std::vector<Dialplan> plans, std::string international_prefix);
    NumberPlan(const NumberPlan&) = delete;
    NumberPlan& operator=(const NumberPlan&) = delete;
    NumberPlan(NumberPlan&&) = default;
    NumberPlan& operator=(NumberPlan&&) = default;
    ~NumberPlan() = default;

    /// The dialplan that a call to `did` follows, or null.
    const Dialplan* find(std::string_view did) const;

    /// The dialplan whose key is written so, or null.
    const Dialplan* with_key(std::string_view key) const;

    const std::vector<Dialplan>& plans() const { return plans_; }

    /// Whether a key, reduced by `did_key`, is a pattern, and so stands for all numbers that start like it.
    static bool is_pattern(std::string_view key) { return key.ends_with('*'); }

    static constexpr std::string_view default_key = "default";

private:
    using Index = std::unordered_map<std::string, const Dialplan*>;

    std::vector<Dialplan> plans_;
    std::string international_prefix_;
    Index by_number_;
    Index by_prefix_;
    std::vector<std::size_t> prefix_lengths_; ///< those that occur, longest first
    const Dialplan* default_ = nullptr;
};

} // namespace dialhook::dialplan
