#include "dialplan/argument_template.hpp"

#include "base/ascii.hpp"
#include "base/text.hpp"

#include <algorithm>

namespace dialhook::dialplan {
namespace {

bool is_safe(char c)
{
    return ascii::is_alphanumeric(c) || std::string_view("+*#._~@:/-[]").find(c) != std::string_view::npos;
}

/// A bracket that stays open makes Asterisk take the commas after it for text (app.c, __ast_app_separate_args).
bool closes_brackets(std::string_view value)
{
    bool is_open = false;
    for (const char c : value) {
        if (c != '[' && c != ']')
            continue;
        if (is_open == (c == '['))
            return false;
        is_open = !is_open;
    }
    return !is_open;
}

std::string marked(std::string_view placeholder)
{
    return "${" + std::string(placeholder) + "}";
}

} // namespace

std::optional<ArgumentTemplate> ArgumentTemplate::from(std::string_view text, std::string_view placeholder)
{
    const std::string mark = marked(placeholder);
    const auto at = text.find(mark);
    if (at == std::string_view::npos || text::has_controls(text))
        return std::nullopt;
    const std::string_view before = text.substr(0, at);
    const std::string_view after = text.substr(at + mark.size());
    if (before.find('$') != std::string_view::npos || after.find('$') != std::string_view::npos)
        return std::nullopt;
    return ArgumentTemplate(before, after);
}

std::optional<std::string> ArgumentTemplate::filled(std::string_view value) const
{
    if (value.empty() || !std::ranges::all_of(value, is_safe) || !closes_brackets(value))
        return std::nullopt;
    return before_ + std::string(value) + after_;
}

std::string ArgumentTemplate::str(std::string_view placeholder) const
{
    return before_ + marked(placeholder) + after_;
}

} // namespace dialhook::dialplan
