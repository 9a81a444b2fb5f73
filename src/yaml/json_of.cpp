#include "yaml/json_of.hpp"

#include "base/json_text.hpp"
#include "base/text.hpp"
#include "yaml/scalars.hpp"

#include <system_error>

#include <charconv>
#include <utility>

namespace dialhook::config {
namespace {

/// Returns whether the readers of JSON can take it for a number.
bool fits_a_double(std::string_view number)
{
    double value = 0;
    const auto result = std::from_chars(number.data(), number.data() + number.size(), value);
    return result.ec == std::errc();
}

void append_clean_text(std::string& out, const Value& place, std::string_view text)
{
    if (text::has_controls(text))
        place.fault("the text holds a control character or a line end, which no step may have; remove it");
    append_json_string(out, text);
}

void append_plain(std::string& out, const Value& scalar, std::string_view text)
{
    if (is_null(text))
        out += "null";
    else if (const auto boolean = to_boolean(text))
        out += *boolean ? "true" : "false";
    else if (const auto number = json_number(text); !number.empty())
        out += number;
    else
        append_clean_text(out, scalar, text);
}

void append_mapping(std::string& out, const Value& mapping)
{
    out += '{';
    bool is_first = true;
    mapping.each_entry([&](const Value& entry) {
        if (!std::exchange(is_first, false))
            out += ',';
        append_clean_text(out, entry, entry.name());
        out += ':';
        append_json(out, entry);
    });
    out += '}';
}

void append_list(std::string& out, const Value& list)
{
    out += '[';
    bool is_first = true;
    list.each_item("a list", [&](const Value& item) {
        if (!std::exchange(is_first, false))
            out += ',';
        append_json(out, item);
    });
    out += ']';
}

} // namespace

std::string json_number(std::string_view plain)
{
    const bool is_negative = plain.starts_with('-');
    const std::string_view digits = plain.substr(is_negative ? 1 : 0);
    const bool has_leading_zero =
        digits.size() > 1 && digits[0] == '0' && digits[1] != '.' && digits[1] != 'e' && digits[1] != 'E';
    if (!is_number(plain) || plain.starts_with('+') || has_leading_zero || !fits_a_double(plain))
        return {};
    // YAML lets a number begin or end with its point, JSON does not.
    std::string number = is_negative ? "-" : "";
    if (digits.starts_with('.'))
        number += '0';
    number += digits;
    const auto point = number.find('.');
    if (point != std::string::npos &&
        (point + 1 == number.size() || number[point + 1] == 'e' || number[point + 1] == 'E'))
        number.insert(point + 1, "0");
    return number;
}

void append_json_text(std::string& out, const Value& scalar)
{
    append_clean_text(out, scalar, scalar.written());
}

void append_json(std::string& out, const Value& value)
{
    switch (value.kind()) {
    case NodeKind::mapping:
        return append_mapping(out, value);
    case NodeKind::list:
        return append_list(out, value);
    case NodeKind::scalar:
        return value.is_plain() ? append_plain(out, value, value.written()) : append_json_text(out, value);
    case NodeKind::alias:
    case NodeKind::broken:
        out += "null"; // its fault is known
    }
}

} // namespace dialhook::config
