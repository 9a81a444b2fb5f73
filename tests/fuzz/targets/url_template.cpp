#include "webhook/url_template.hpp"

#include "fuzz/lines.hpp"
#include "fuzz/require.hpp"
#include "fuzz/targets.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace dialhook::fuzz {
namespace {

VariableValues all(std::string_view value)
{
    VariableValues values;
    for (std::size_t index = 0; index < variable_names.size(); ++index)
        values[static_cast<Variable>(index)] = value;
    return values;
}

const std::vector<std::string> declared{"tenant"};

std::string expanded(const UrlTemplate& url, std::string_view value)
{
    const Numbers numbers{"31", "0", "00"};
    const CallVars vars{{declared.front(), std::string(value)}};
    VariableValues values = all(value);
    values.numbers = &numbers;
    values.vars = &vars;
    std::string target = "GET ";
    url.expand(values, target);
    require(target.starts_with("GET /"), "a target is appended, and starts with a slash");
    return target.substr(4);
}

/// How many of each byte that gives a target its structure.
struct Structure
{
    explicit Structure(std::string_view target)
        : segments(std::count(target.begin(), std::find(target.begin(), target.end(), '?'), '/'))
        , questions(std::count(target.begin(), target.end(), '?'))
        , ampersands(std::count(target.begin(), target.end(), '&'))
        , equals(std::count(target.begin(), target.end(), '='))
    {
    }
    bool operator==(const Structure&) const = default;

    std::ptrdiff_t segments;
    std::ptrdiff_t questions;
    std::ptrdiff_t ampersands;
    std::ptrdiff_t equals;
};

bool is_visible_ascii(char byte)
{
    return byte > ' ' && byte < '\x7F';
}

std::size_t dot_segments(std::string_view target)
{
    std::string_view path = target.substr(0, target.find('?'));
    std::size_t count = 0;
    while (!path.empty()) {
        path.remove_prefix(1);
        const std::string_view segment = path.substr(0, path.find('/'));
        count += segment == "." || segment == ".." ? 1U : 0U;
        path.remove_prefix(segment.size());
    }
    return count;
}

/// Whether `target` has what a template refuses as a variable of another program: `$did`, or `%callerid%`, which comes
/// about as well where the letter after `%callerid` had to be encoded.
bool looks_like_foreign_variable(std::string_view target)
{
    return std::ranges::any_of(variable_names, [&](std::string_view name) {
        return target.find("$" + std::string(name)) != std::string_view::npos ||
               target.find("%" + std::string(name)) != std::string_view::npos;
    });
}

} // namespace

/// The first line is a template, the rest is the value of every variable in it.
void url_template(std::string_view input)
{
    const std::string_view text = take_line(input);
    const auto url = UrlTemplate::parse(text, declared);
    if (!url) {
        require(!url.error().message.empty(), "an error says what is wrong");
        require(url.error().offset <= text.size(), "an error is within the template");
        return;
    }
    require(!url->origin().host.empty() && url->origin().port != 0, "a template has an origin");

    const std::string with_value = expanded(*url, input);
    const std::string with_letter = expanded(*url, "x");
    require(Structure(with_value) == Structure(with_letter), "no value changes the structure of a target");
    require(Structure(expanded(*url, "")) == Structure(with_letter), "an empty value changes nothing of it either");
    require(std::ranges::all_of(with_value, is_visible_ascii), "a target is visible ASCII");
    require(with_value.find('#') == std::string::npos, "a target has no fragment");
    require(dot_segments(with_value) <= dot_segments(expanded(*url, "")), "no value makes a dot segment");

    const std::string whole = (url->origin().https ? "https://" : "http://") + url->origin().authority() + with_value;
    constexpr std::size_t max_template = 16384;
    if (whole.size() > max_template || looks_like_foreign_variable(with_value))
        return;
    const auto again = UrlTemplate::parse(whole);
    require(again.has_value(), "what was expanded is a URL again");
    require(again->origin() == url->origin(), "no value changes the origin");
    require(expanded(*again, "other") == with_value, "what was expanded holds no variable");
}

} // namespace dialhook::fuzz
