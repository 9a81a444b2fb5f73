#include "yaml/times.hpp"

#include <array>
#include <cstdint>

namespace dialhook::config {
namespace {

struct Unit
{
    std::string_view name;
    std::int64_t milliseconds;
};

constexpr std::array<Unit, 4> units{{{"h", 3'600'000}, {"m", 60'000}, {"s", 1000}, {"ms", 1}}};

std::int64_t milliseconds_of(std::string_view unit)
{
    if (unit.empty())
        return 1000;
    for (const auto& known : units)
        if (known.name == unit)
            return known.milliseconds;
    return 0;
}

std::string_view take_digits(std::string_view& text)
{
    const auto digits = text.substr(0, text.find_first_not_of("0123456789"));
    text.remove_prefix(digits.size());
    return digits;
}

} // namespace

boost::system::result<std::chrono::milliseconds, TimeFault> parse_time(std::string_view text)
{
    const bool negative = text.starts_with('-');
    if (negative)
        text.remove_prefix(1);
    const auto whole = take_digits(text);
    std::string_view fraction;
    const bool has_point = text.starts_with('.');
    if (has_point) {
        text.remove_prefix(1);
        fraction = take_digits(text);
    }
    const auto unit = milliseconds_of(text);
    if (whole.empty() || (has_point && fraction.empty()) || unit == 0)
        return TimeFault::form;
    if (negative)
        return TimeFault::negative;

    const auto longest = max_time.count();
    std::int64_t total = 0;
    for (const char digit : whole) {
        total = total * 10 + (digit - '0') * unit;
        if (total > longest)
            return TimeFault::too_long;
    }
    auto place = unit;
    for (const char digit : fraction) {
        if (digit != '0' && (place == 0 || place % 10 != 0))
            return TimeFault::too_fine;
        place /= 10;
        total += (digit - '0') * place;
    }
    if (total > longest)
        return TimeFault::too_long;
    return std::chrono::milliseconds(total);
}

std::string show(std::chrono::milliseconds time)
{
    for (const auto& unit : units)
        if (time.count() != 0 && time.count() % unit.milliseconds == 0)
            return std::to_string(time.count() / unit.milliseconds) + std::string(unit.name);
    return std::to_string(time.count()) + "s";
}

} // namespace dialhook::config
