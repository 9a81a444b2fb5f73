#include "api/fastagi/environment.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <map>
#include <optional>

namespace dialhook::fastagi {
namespace {

/// What it costs to assume that the value of a name has a line end in it: the more freely a stranger writes the value,
/// the less. Each costs more than all that are more likely than it, taken together.
enum Cost : unsigned
{
    caller_name = 1, // a display name between quotes may hold anything
    caller_number = 2,
    dialled = 4,
    redirecting = 8,
    context = 16, // this, the account code and the language are your dialplan's, perhaps out of what a caller sent
    extension = 32,
    account_code = 64,
    language = 128,
    address = 256, // of the AGI() in your dialplan
    argument = 512,
    not_said = 4096, // Asterisk, an older one, did not write this name at all
    never = 65536
};

struct Name
{
    std::string_view name;
    Cost cost = never;
};

/// In the order in which Asterisk writes them (res_agi.c, setup_env); `agi_arg_1` and so on follow.
constexpr std::array<Name, 21> order = {{{"agi_network_script", address},
                                         {"agi_request", address},
                                         {"agi_channel"},
                                         {"agi_language", language},
                                         {"agi_type"},
                                         {"agi_uniqueid"},
                                         {"agi_version"},
                                         {"agi_callerid", caller_number},
                                         {"agi_calleridname", caller_name},
                                         {"agi_callingpres"},
                                         {"agi_callingani2"},
                                         {"agi_callington"},
                                         {"agi_callingtns"},
                                         {"agi_dnid", dialled},
                                         {"agi_rdnis", redirecting},
                                         {"agi_context", context},
                                         {"agi_extension", extension},
                                         {"agi_priority"},
                                         {"agi_enhanced"},
                                         {"agi_accountcode", account_code},
                                         {"agi_threadid"}}};

std::optional<std::size_t> rank_of(std::string_view name)
{
    for (std::size_t rank = 0; rank < order.size(); ++rank)
        if (order[rank].name == name)
            return rank;
    return std::nullopt;
}

/// A line that has a place in the order, or an argument, which follows them all.
struct Placed
{
    std::size_t line;
    std::optional<std::size_t> rank; ///< none: an argument
    unsigned argument;               ///< its number
};

constexpr std::string_view argument_prefix = "agi_arg_";

unsigned argument_number(std::string_view name)
{
    unsigned number = 0;
    std::from_chars(name.data() + std::min(argument_prefix.size(), name.size()), name.data() + name.size(), number);
    return number;
}

/// Finds which lines are Asterisk's own: the cheapest choice of one line for each name, in the order of the names, such
/// that all other lines follow one whose value may have been broken.
class Choice
{
public:
    explicit Choice(const std::vector<Placed>& lines)
        : lines_(lines)
    {
        for (const Placed& line : lines)
            if (line.rank)
                occurs_[*line.rank] = true;
    }

    /// Returns the chosen line of each rank.
    std::array<std::optional<std::size_t>, order.size()> lines() const
    {
        std::vector<Step> steps(lines_.size());
        Step end;
        for (std::size_t at = 0; at < lines_.size(); ++at) {
            if (!lines_[at].rank)
                continue;
            steps[at] = cheapest_way_to(at, steps);
            end.take(steps[at].cost + missing(*lines_[at].rank + 1, order.size()) + cost_of_end(at), at);
        }
        std::array<std::optional<std::size_t>, order.size()> chosen{};
        for (auto at = end.before; at; at = steps[*at].before)
            chosen[*lines_[*at].rank] = lines_[*at].line;
        return chosen;
    }

private:
    struct Step
    {
        unsigned cost = std::numeric_limits<unsigned>::max();
        std::optional<std::size_t> before; ///< the line that is chosen before this one

        void take(unsigned other, std::optional<std::size_t> from)
        {
            if (other >= cost)
                return;
            cost = other;
            before = from;
        }
    };

    Step cheapest_way_to(std::size_t at, const std::vector<Step>& steps) const
    {
        const std::size_t rank = *lines_[at].rank;
        Step step;
        step.take(missing(0, rank) + (at == 0 ? 0 : unsigned{never}), std::nullopt);
        for (std::size_t from = 0; from < at; ++from)
            if (lines_[from].rank && *lines_[from].rank < rank)
                step.take(steps[from].cost + missing(*lines_[from].rank + 1, rank) +
                              (from + 1 < at ? cost_of(from) : 0),
                          from);
        return step;
    }

    /// Returns the cost of what follows the last line that is chosen: only arguments, if no value was broken.
    unsigned cost_of_end(std::size_t at) const
    {
        const auto has_rank = [](const Placed& line) { return line.rank.has_value(); };
        const auto next = lines_.begin() + static_cast<std::ptrdiff_t>(at) + 1;
        const auto forged = std::find_if(next, lines_.end(), has_rank);
        if (forged == lines_.end())
            return 0;
        if (forged == next)
            return cost_of(at);
        // An argument that was broken is followed by the one after it.
        const auto rest = std::find_if(lines_.rbegin(), lines_.rend(), has_rank).base();
        return rest != lines_.end() && rest->argument == (forged - 1)->argument + 1 ? 0 : unsigned{argument};
    }

    unsigned cost_of(std::size_t at) const { return order[*lines_[at].rank].cost; }

    unsigned missing(std::size_t begin, std::size_t end) const
    {
        const bool* const names = occurs_.data();
        return static_cast<unsigned>(std::count(names + begin, names + end, true)) * not_said;
    }

    const std::vector<Placed>& lines_;
    std::array<bool, order.size()> occurs_{};
};

} // namespace

bool AgiEnvironment::is_line(std::string_view line)
{
    const auto is_name_byte = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
    const std::string_view name = line.substr(0, line.find(':'));
    return name.size() < line.size() && name.starts_with("agi_") && std::ranges::all_of(name, is_name_byte);
}

bool AgiEnvironment::take(std::string_view line)
{
    if (count_ == max_lines || bytes_ + line.size() > max_bytes)
        return false;
    ++count_;
    bytes_ += line.size();
    if (!is_line(line))
        return true;
    const auto colon = line.find(':');
    std::string_view value = line.substr(colon + 1);
    if (value.starts_with(' '))
        value.remove_prefix(1);
    lines_.push_back({std::string(line.substr(0, colon)), std::string(value)});
    return true;
}

std::string_view AgiEnvironment::value(std::string_view name) const
{
    const Line* const found = find(name);
    return found == nullptr || found->value == "unknown" ? std::string_view() : std::string_view(found->value);
}

const AgiEnvironment::Line* AgiEnvironment::find(std::string_view name) const
{
    const auto is_it = [&](const Line& line) { return line.name == name; };
    const auto first = std::find_if(lines_.begin(), lines_.end(), is_it);
    if (first == lines_.end())
        return nullptr;
    const auto rank = rank_of(name);
    const bool comes_once = std::find_if(first + 1, lines_.end(), is_it) == lines_.end();
    if (comes_once || !rank)
        return &*first;
    const auto chosen = own_lines()[*rank];
    return chosen ? &lines_[*chosen] : nullptr;
}

std::vector<std::string_view> AgiEnvironment::arguments() const
{
    std::size_t begin = 0;
    for (const auto& line : own_lines())
        if (line)
            begin = std::max(begin, *line + 1);
    std::map<unsigned, std::vector<std::string_view>> by_number;
    for (std::size_t line = begin; line < lines_.size(); ++line)
        if (lines_[line].name.starts_with(argument_prefix))
            by_number[argument_number(lines_[line].name)].push_back(lines_[line].value);
    std::vector<std::string_view> arguments;
    for (const auto& [number, values] : by_number)
        if (values.size() == 1)
            arguments.push_back(values.front());
    return arguments;
}

AgiEnvironment::OwnLines AgiEnvironment::own_lines() const
{
    std::vector<Placed> placed;
    for (std::size_t line = 0; line < lines_.size(); ++line) {
        const auto own_rank = rank_of(lines_[line].name);
        if (own_rank || lines_[line].name.starts_with(argument_prefix))
            placed.push_back({line, own_rank, own_rank ? 0 : argument_number(lines_[line].name)});
    }
    return Choice(placed).lines();
}

} // namespace dialhook::fastagi
