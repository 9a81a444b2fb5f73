#include "base/name_pattern.hpp"

#include "base/ascii.hpp"

#include <algorithm>
#include <cstddef>

namespace dialhook {
namespace {

bool same_letter(char left, char right)
{
    return ascii::lower(left) == ascii::lower(right);
}

/// Takes as little as it can for each `*`, and comes back to the last one alone: what an earlier one took can stay.
bool matches_whole(std::string_view name, std::string_view pattern)
{
    std::size_t in_name = 0;
    std::size_t in_pattern = 0;
    std::size_t star = std::string_view::npos;
    std::size_t taken = 0; // of `name` when the last `*` was met, and what it took
    while (in_name < name.size()) {
        if (in_pattern < pattern.size() && pattern[in_pattern] == '*') {
            star = in_pattern++;
            taken = in_name;
        } else if (in_pattern < pattern.size() &&
                   (pattern[in_pattern] == '?' || same_letter(pattern[in_pattern], name[in_name])))
        {
            ++in_pattern;
            ++in_name;
        } else if (star != std::string_view::npos) {
            in_pattern = star + 1;
            in_name = ++taken;
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of('*', in_pattern) == std::string_view::npos;
}

} // namespace

bool matches(std::string_view name, std::string_view pattern)
{
    if (pattern.find_first_of("*?") != std::string_view::npos)
        return matches_whole(name, pattern);
    return pattern.empty() ||
           std::search(name.begin(), name.end(), pattern.begin(), pattern.end(), same_letter) != name.end();
}

} // namespace dialhook
