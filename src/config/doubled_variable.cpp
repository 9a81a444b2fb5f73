#include "config/doubled_variable.hpp"

#include "webhook/foreign_variable.hpp"

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

/// Returns what stands between the `{{` at the start of `text` and its `}}`, if that is a variable.
std::optional<std::string_view> variable_in_doubled_braces(std::string_view text, Vocabulary vocabulary)
{
    const auto close = text.find("}}");
    const auto inner = close == std::string_view::npos ? std::string_view() : text.substr(2, close - 2);
    const auto name = without_blanks(inner);
    if (inner.find('{') != std::string_view::npos || !is_variable(name, vocabulary))
        return std::nullopt;
    return name;
}

/// Returns the size of `${did}` and `%{did:e164}` at the start of `text`, or 0.
std::size_t marked_variable(std::string_view text, Vocabulary vocabulary)
{
    if (!text.starts_with("${") && !text.starts_with("%{"))
        return 0;
    const auto close = text.find('}');
    const auto inner = close == std::string_view::npos ? std::string_view() : text.substr(2, close - 2);
    // `${var.price}` may be dollars.
    return is_variable(inner, vocabulary) && !inner.starts_with("var.") ? close + 1 : 0;
}

/// `<code>` and `<at>` are marks of HTML and of chats, too.
bool is_closed_later(std::string_view text, std::string_view name)
{
    return text.front() == '<' && text.find("</" + std::string(name) + ">") != std::string_view::npos;
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

void warn_of_foreign_variables(const Value& value, std::string_view text, Vocabulary vocabulary)
{
    warn_of_doubled_variables(value, text, vocabulary);
    constexpr std::string_view signs = "$%<";
    for (std::size_t at = text.find_first_of(signs); at != text.npos; at = text.find_first_of(signs, at + 1)) {
        const std::string_view rest = text.substr(at);
        if (rest.starts_with("$$")) { // `$${` is a `${` that is meant
            ++at;
        } else if (const std::size_t size = marked_variable(rest, vocabulary); size != 0) {
            const std::string sign(rest.substr(0, 1));
            value.warn_in_text(at, "the " + sign + " before " + std::string(rest.substr(1, size - 1)) +
                                       " is sent, too; a variable is written without it");
        } else if (const auto found = foreign_variable_at_start(rest, vocabulary);
                   found && !is_closed_later(rest, found->name)) {
            const std::string written(rest.substr(0, found->size));
            value.warn_in_text(at, written + " is sent as the text " + written +
                                       ", not as a value; a variable is written {" + std::string(found->name) + "}");
        }
    }
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
