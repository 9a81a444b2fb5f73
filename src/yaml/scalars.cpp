#include "yaml/scalars.hpp"

#include <system_error>

#include <charconv>
#include <limits>

namespace dialhook::config {
namespace {

bool all_of(std::string_view text, std::string_view allowed)
{
    return !text.empty() && text.find_first_not_of(allowed) == std::string_view::npos;
}

constexpr std::string_view decimal_digits = "0123456789";

std::string_view without_sign(std::string_view text)
{
    return text.starts_with('+') || text.starts_with('-') ? text.substr(1) : text;
}

std::int64_t saturated(std::string_view digits, int base, bool negative)
{
    std::uint64_t value = 0;
    const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
    constexpr auto largest = std::numeric_limits<std::int64_t>::max();
    const auto bounded = result.ec != std::errc() || value > static_cast<std::uint64_t>(largest)
                             ? largest
                             : static_cast<std::int64_t>(value);
    return negative ? -bounded : bounded;
}

} // namespace

bool is_null(std::string_view plain)
{
    return plain.empty() || plain == "~" || plain == "null" || plain == "Null" || plain == "NULL";
}

std::optional<bool> to_boolean(std::string_view plain)
{
    if (plain == "true" || plain == "True" || plain == "TRUE")
        return true;
    if (plain == "false" || plain == "False" || plain == "FALSE")
        return false;
    return std::nullopt;
}

std::optional<std::int64_t> to_whole_number(std::string_view plain)
{
    if (plain.starts_with("0x") && all_of(plain.substr(2), "0123456789abcdefABCDEF"))
        return saturated(plain.substr(2), 16, false);
    if (plain.starts_with("0o") && all_of(plain.substr(2), "01234567"))
        return saturated(plain.substr(2), 8, false);
    if (all_of(without_sign(plain), decimal_digits))
        return saturated(without_sign(plain), 10, plain.starts_with('-'));
    return std::nullopt;
}

bool is_number(std::string_view plain)
{
    if (to_whole_number(plain))
        return true;
    const auto rest = without_sign(plain);
    const auto exponent = rest.find_first_of("eE");
    const auto mantissa = rest.substr(0, exponent);
    if (exponent != std::string_view::npos && !all_of(without_sign(rest.substr(exponent + 1)), decimal_digits))
        return false;
    const auto point = mantissa.find('.');
    const auto whole = mantissa.substr(0, point);
    const auto fraction = point == std::string_view::npos ? std::string_view() : mantissa.substr(point + 1);
    return (!whole.empty() || !fraction.empty()) && (whole.empty() || all_of(whole, decimal_digits)) &&
           (fraction.empty() || all_of(fraction, decimal_digits));
}

std::optional<std::uint32_t> to_octal(std::string_view text)
{
    if (text.starts_with("0o"))
        text.remove_prefix(2);
    std::uint32_t value = 0;
    const auto* const end = text.data() + text.size();
    const auto result = std::from_chars(text.data(), end, value, 8);
    if (text.empty() || result.ec != std::errc() || result.ptr != end)
        return std::nullopt;
    return value;
}

} // namespace dialhook::config
