#include "log/format.hpp"

#include "base/digits.hpp"
#include "log/escape.hpp"

#include <spdlog/common.h>

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>

namespace dialhook::log {
namespace {

constexpr std::size_t usual_line = 512;

void append_digits(Appender& out, std::int64_t number, unsigned width)
{
    std::array<char, 4> digits{};
    put_digits(digits.data(), number, width);
    out += std::string_view(digits.data(), width);
}

template <typename... How>
void append_number(Appender& out, How... how)
{
    std::array<char, 330> digits; // the longest double in fixed notation has 309 digits before the point
    const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), how...);
    if (error == std::errc())
        out += std::string_view(digits.data(), static_cast<std::size_t>(end - digits.data()));
}

void append_decimal(Appender& out, Decimal decimal)
{
    // Nearly always it is milliseconds of a call, which whole numbers write in a tenth of the time.
    constexpr std::array<double, 4> powers{1, 10, 100, 1000};
    const auto places = static_cast<std::size_t>(decimal.places);
    if (places == 0 || places >= powers.size() || !(decimal.value >= 0 && decimal.value < 1e9))
        return append_number(out, decimal.value, std::chars_format::fixed, decimal.places);
    const auto scaled = std::llround(decimal.value * powers[places]);
    const auto unit = static_cast<long long>(powers[places]);
    append_number(out, scaled / unit);
    out += '.';
    append_digits(out, scaled % unit, static_cast<unsigned>(places));
}

/// Appends a value that is not text.
void append_number_of(Appender& out, const FieldValue& value, std::string_view not_finite = "nan")
{
    if (const auto* integer = value.integer())
        append_number(out, *integer);
    else if (const auto* decimal = value.decimal(); std::isfinite(decimal->value))
        append_decimal(out, *decimal);
    else
        out += not_finite;
}

void append_message_and_fields(Appender& out, const Record& record)
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

} // namespace

static_assert(Level::debug == spdlog::level::debug && Level::info == spdlog::level::info &&
              Level::warning == spdlog::level::warn && Level::error == spdlog::level::err);

std::string_view name(Level level)
{
    const auto& word = spdlog::level::to_string_view(level);
    return {word.data(), word.size()};
}

char priority(Level level)
{
    constexpr std::string_view priorities = "7764322"; // of trace, debug, info, warn, err, critical, off
    return priorities[static_cast<std::size_t>(Level::Enum(level))];
}

void append_priority(std::string& out, Level level)
{
    out += '<';
    out += priority(level);
    out += '>';
}

void append_text(std::string& text, const Record& record)
{
    Appender out(text, usual_line);
    append_message_and_fields(out, record);
}

void append_raw(std::string& line, const FieldValue& value)
{
    Appender out(line, 64);
    if (const auto* text = value.text())
        out += *text;
    else
        append_number_of(out, value);
}

void append_text_line(std::string& lines, const Record& record, TimeText& times)
{
    Appender out(lines, usual_line);
    out += times.of(record.time);
    out += ' ';
    out += name(record.level);
    out += ' ';
    append_message_and_fields(out, record);
    out += '\n';
}

void append_json_line(std::string& lines, const Record& record, TimeText& times)
{
    Appender out(lines, usual_line);
    out += R"({"time":")";
    out += times.of(record.time);
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
