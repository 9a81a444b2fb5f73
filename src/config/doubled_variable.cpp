#include "config/doubled_variable.hpp"

#include <algorithm>
#include <string>

namespace dialhook::config {
namespace {

std::string_view without_blanks(std::string_view text)
{
    const auto begin = std::min(text.find_first_not_of(" \t"), text.size());
    const auto end = text.find_last_not_of(" \t");
    return begin == text.size() ? std::string_view() : text.substr(begin, end + 1 - begin);
}

bool is_variable(std::string_view text, Vocabulary vocabulary)
{
    const auto name = text.substr(0, text.find(':'));
    const auto names = names_of(vocabulary);
    return std::ranges::find(names, name) != names.end() || name.starts_with("var.");
}

/// What stands between the `{{` at the start of `text` and its `}}`, if that is a variable.
std::optional<std::string_view> variable_in_doubled_braces(std::string_view text, Vocabulary vocabulary)
{
    const auto close = text.find("}}");
    const auto inner = close == std::string_view::npos ? std::string_view() : text.substr(2, close - 2);
    const auto name = without_blanks(inner);
    if (inner.find('{') != std::string_view::npos || !is_variable(name, vocabulary))
        return std::nullopt;
    return name;
}

} // namespace

std::optional<DoubledVariable> doubled_variable(std::string_view text, std::size_t from, Vocabulary vocabulary)
{
    for (std::size_t at = from; at < text.size(); ++at) {
        if (!text.substr(at).starts_with("{{"))
            continue;
        if (const auto name = variable_in_doubled_braces(text.substr(at), vocabulary))
            return DoubledVariable{at, text.find("}}", at) + 2 - at, *name};
        ++at; // the second brace of a pair starts none
    }
    return std::nullopt;
}

void warn_of_doubled_variables(const Value& value, std::string_view text, Vocabulary vocabulary)
{
    for (auto found = doubled_variable(text, 0, vocabulary); found;
         found = doubled_variable(text, found->offset + found->size, vocabulary))
    {
        const std::string variable = "{" + std::string(found->name) + "}";
        value.warn_in_text(found->offset, "{" + variable + "} is sent as the text " + variable +
                                              ", not as a value; a variable is written " + variable);
    }
}

} // namespace dialhook::config
