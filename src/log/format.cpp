#include "format.hpp"

#include "escape.hpp"

#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdint>

namespace dialhook::log {
namespace {

void append_digits(std::string& out, std::int64_t number, unsigned width)
{
    std::array<char, 4> digits{};
    for (auto index = width; index-- > 0; number /= 10)
        digits[index] = static_cast<char>('0' + number % 10);
    out.append(digits.data(), width);
}

/// RFC 3339 in UTC, to the millisecond.
void append_time(std::string& out, Time time)
{
    using namespace std::chrono;
    const auto day = floor<days>(time);
    const year_month_day date(day);
    const hh_mm_ss clock(floor<milliseconds>(time - day));

    append_digits(out, static_cast<int>(date.year()), 4);
    out += '-';
    append_digits(out, static_cast<unsigned>(date.month()), 2);
    out += '-';
    append_digits(out, static_cast<unsigned>(date.day()), 2);
    out += 'T';
    append_digits(out, clock.hours().count(), 2);
    out += ':';
    append_digits(out, clock.minutes().count(), 2);
    out += ':';
    append_digits(out, clock.seconds().count(), 2);
    out += '.';
    append_digits(out, clock.subseconds().count(), 3);
    out += 'Z';
}

template <typename... How>
void append_number(std::string& out, How... how)
{
    std::array<char, 330> digits; // the longest double in fixed notation has 309 digits before the point
    const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), how...);
    if (error == std::errc())
        out.append(digits.data(), end);
}

/// A value that is not text.
void append_number_of(std::string& out, const Value& value, std::string_view not_finite = "nan")
{
    if (const auto* integer = value.integer())
        append_number(out, *integer);
    else if (const auto* decimal = value.decimal(); std::isfinite(decimal->value))
        append_number(out, decimal->value, std::chars_format::fixed, decimal->places);
    else
        out += not_finite;
}

} // namespace

std::string_view name(Level level)
{
    constexpr std::array<std::string_view, 4> names{"debug", "info", "warning", "error"};
    return names.at(static_cast<std::size_t>(level));
}

void append_text(std::string& out, const Record& record)
{
    append_message(out, record.message);
    for (const auto& [key, value] : record.fields) {
        out += ' ';
        out += std::string_view(key);
        out += '=';
        if (const auto* text = value.text())
            append_value(out, *text);
        else
            append_number_of(out, value);
    }
}

void append_raw(std::string& out, const Value& value)
{
    if (const auto* text = value.text())
        out += *text;
    else
        append_number_of(out, value);
}

void append_text_line(std::string& out, const Record& record)
{
    append_time(out, record.time);
    out += ' ';
    out += name(record.level);
    out += ' ';
    append_text(out, record);
    out += '\n';
}

void append_json_line(std::string& out, const Record& record)
{
    out += R"({"time":")";
    append_time(out, record.time);
    out += R"(","level":")";
    out += name(record.level);
    out += R"(","message":)";
    append_json(out, record.message);
    for (const auto& [key, value] : record.fields) {
        out += ",\"";
        out += std::string_view(key);
        out += "\":";
        if (const auto* text = value.text())
            append_json(out, *text);
        else
            append_number_of(out, value, "null");
    }
    out += "}\n";
}

} // namespace dialhook::log
