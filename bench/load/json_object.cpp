#include "json_object.hpp"

#include <cstddef>

namespace dialhook::bench {
namespace {

/// Length of the string literal at the front of `text`, both quotes included; 0 when there is none.
std::size_t string_length(std::string_view text)
{
    if (text.empty() || text.front() != '"')
        return 0;
    for (std::size_t at = 1; at < text.size(); ++at) {
        if (text[at] == '\\')
            ++at;
        else if (text[at] == '"')
            return at + 1;
    }
    return 0;
}

/// Length of the object or array at the front of `text`; 0 when it does not end.
std::size_t nested_length(std::string_view text)
{
    std::size_t depth = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if (c == '"') {
            const auto length = string_length(text.substr(at));
            if (length == 0)
                return 0;
            at += length - 1;
        } else if (c == '{' || c == '[') {
            ++depth;
        } else if (c == '}' || c == ']') {
            if (--depth == 0)
                return at + 1;
        }
    }
    return 0;
}

} // namespace

JsonObject::JsonObject(std::string_view text)
    : rest_{text}
{
    if (!skip('{'))
        rest_ = {};
}

std::optional<JsonObject::Member> JsonObject::next()
{
    if (skip('}')) {
        skip_space();
        ended_well_ = rest_.empty();
        return std::nullopt;
    }
    if (!first_ && !skip(','))
        return std::nullopt;
    first_ = false;
    skip_space();
    const auto key = take_string();
    if (key.empty() || !skip(':'))
        return std::nullopt;
    const auto value = take_value();
    if (value.empty())
        return std::nullopt;
    return Member{key.substr(1, key.size() - 2), value};
}

bool JsonObject::skip(char expected)
{
    skip_space();
    if (!rest_.starts_with(expected))
        return false;
    rest_.remove_prefix(1);
    return true;
}

void JsonObject::skip_space()
{
    while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\t' || rest_.front() == '\r'))
        rest_.remove_prefix(1);
}

std::string_view JsonObject::take_string()
{
    const auto text = rest_.substr(0, string_length(rest_));
    rest_.remove_prefix(text.size());
    return text;
}

std::string_view JsonObject::take_value()
{
    skip_space();
    if (rest_.starts_with('"'))
        return take_string();
    const bool nested = rest_.starts_with('{') || rest_.starts_with('[');
    const auto text = rest_.substr(0, nested ? nested_length(rest_) : rest_.find_first_of(",} \t\r"));
    rest_.remove_prefix(text.size());
    return text;
}

} // namespace dialhook::bench
