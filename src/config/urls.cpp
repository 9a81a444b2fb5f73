#include "config/urls.hpp"

#include "base/text.hpp"
#include "config/doubled_variable.hpp"
#include "config/nats_url.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace dialhook::config {
namespace {

/// Returns whether the byte at `offset` of a URL belongs to its user info.
bool in_user_info(std::string_view url, std::size_t offset)
{
    const auto start = url.find("://");
    if (start == std::string_view::npos)
        return false;
    const auto authority = url.substr(0, url.find_first_of("/?#", start + 3));
    const auto at = authority.rfind('@');
    return at != std::string_view::npos && offset >= start + 3 && offset < at;
}

/// Returns the byte at which a variable begins, outside of the user info; `{{` is a brace.
std::optional<std::size_t> place_of_variable(std::string_view url)
{
    for (std::size_t at = url.find('{'); at != std::string_view::npos; at = url.find('{', at)) {
        if (url.substr(at, 2) == "{{")
            at += 2;
        else if (in_user_info(url, at))
            ++at;
        else
            return at;
    }
    return std::nullopt;
}

bool has_scheme(std::string_view url, std::string_view scheme)
{
    return text::equals_ignoring_case(url.substr(0, scheme.size()), scheme);
}

/// Returns what is wrong with a URL, in words that do not show its user info, which may hold a password.
std::string words_of(const TemplateError& error, std::string_view url)
{
    // A blank cannot stand in a URL, but those of `{{ did }}` are not the point.
    const auto doubled = doubled_variable(url);
    if (doubled && error.offset > doubled->offset && error.offset < doubled->offset + doubled->size)
        return "a variable is written {" + std::string(doubled->name) + "}, in one pair of braces and without spaces";
    if (in_user_info(url, error.offset) && error.message.find('{') != std::string::npos)
        return "the user info holds a brace; variables belong in path and query only, and a literal brace is written "
               "%7B or %7D here";
    return error.message;
}

} // namespace

std::optional<UrlTemplate> read_url_template(const Value& value, std::span<const std::string> vars)
{
    const auto text = value.text("a URL template, such as https://crm.example/route?did={did}");
    if (!text)
        return std::nullopt;
    auto url = UrlTemplate::parse(*text, vars);
    if (url) {
        warn_of_doubled_variables(value, *text);
        return *std::move(url);
    }
    value.fault_in_text(url.error().offset, words_of(url.error(), *text));
    return std::nullopt;
}

std::optional<events::NotificationUrl> read_notification_url(const Value& value)
{
    constexpr std::string_view expected = "a URL, such as https://crm.example/calls";
    const auto text = value.text(expected);
    if (!text)
        return std::nullopt;
    if (const auto variable = place_of_variable(*text)) {
        value.fault_in_text(*variable, "the URL of a notification holds no variables: all events go to one place, and "
                                       "say what is known of the call in their body; a literal { is written {{");
        return std::nullopt;
    }
    if (has_scheme(*text, "nats://")) {
        auto url = parse_nats_url(*text);
        if (url)
            return *std::move(url);
        value.fault_in_text(url.error().offset, url.error().message);
        return std::nullopt;
    }
    if (!has_scheme(*text, "http://") && !has_scheme(*text, "https://")) {
        value.fault("the URL of a notification starts with http://, https:// or nats://");
        return std::nullopt;
    }
    if (auto url = read_url_template(value, {}))
        return *std::move(url);
    return std::nullopt;
}

} // namespace dialhook::config
