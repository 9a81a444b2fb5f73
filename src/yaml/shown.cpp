#include "yaml/shown.hpp"

#include "base/ascii.hpp"
#include "base/text.hpp"

#include <algorithm>

namespace dialhook::config {

std::string in_quotes(std::string_view text)
{
    constexpr std::size_t longest = 60;
    if (text.find('@') != std::string_view::npos)
        return "\"…\"";
    const auto start = dialhook::text::first_code_points(text, longest);
    std::string shown = "\"";
    for (auto rest = start; !rest.empty();) {
        const auto character = dialhook::text::first_code_points(rest, 1);
        shown += dialhook::text::has_controls(character) ? "?" : character;
        rest.remove_prefix(character.size());
    }
    return shown + (start.size() < text.size() ? "…\"" : "\"");
}

std::string key_in_quotes(std::string_view key)
{
    constexpr std::size_t longest = 64;
    const auto may_stand_in_a_key = [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte >= 0x80 || byte < 0x20 || ascii::is_alphanumeric(c) ||
               std::string_view(" _-.+*#!<").find(c) != std::string_view::npos;
    };
    return key.size() <= longest && std::ranges::all_of(key, may_stand_in_a_key) ? in_quotes(key) : "\"…\"";
}

std::string grouped(std::uint64_t number)
{
    auto digits = std::to_string(number);
    for (auto at = digits.size(); at > 3; at -= 3)
        digits.insert(at - 3, ",");
    return digits;
}

std::string code(std::string_view text)
{
    return "`" + std::string(text) + "`";
}

} // namespace dialhook::config
