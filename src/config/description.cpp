#include "config/description.hpp"

#include "base/text.hpp"

namespace dialhook::config {

std::optional<std::string> read_description(const Value& value)
{
    const auto text = value.text("a text");
    if (!text)
        return std::nullopt;
    std::string one_line;
    for (const char character : text::trimmed(*text))
        one_line += character == '\n' || character == '\t' ? ' ' : character;
    if (!text::has_controls(one_line))
        return one_line;
    value.fault("the text holds a control character; remove it");
    return std::nullopt;
}

} // namespace dialhook::config
