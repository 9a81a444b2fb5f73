#include "ctl/render_exchange.hpp"

#include "ctl/terminal.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>

namespace dialhook::ctl {

using Json = nlohmann::ordered_json;

std::string row(std::string_view name, const std::string& text)
{
    constexpr std::size_t name_width = 12;
    return "  " + std::string(name) + std::string(name_width - name.size(), ' ') + text + '\n';
}

std::string harmless_text(const Json& value)
{
    return harmless(value.is_string() ? value.get<std::string>() : value.dump());
}

namespace {

std::string header_rows(const Json& headers)
{
    std::string text;
    for (const Json& header : headers)
        text += row("", harmless_text(header.at("name")) + ": " + harmless_text(header.at("value")));
    return text;
}

/// A body keeps its lines; all else that a terminal would obey is made visible.
std::string body_rows(const Json& message)
{
    std::string text;
    const auto& body = message.at("body").get_ref<const std::string&>();
    std::string_view rest = body;
    for (std::string_view name = "body"; !rest.empty(); name = "") {
        const auto end = rest.find('\n');
        text += row(name, harmless(rest.substr(0, end)));
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    }
    if (message.at("body_is_cut") == true)
        text += row("", "(cut here; it has " + harmless_text(message.at("body_bytes")) + " bytes)");
    return text;
}

std::string reading(const Json& read)
{
    if (read.contains("fault"))
        return "no reply: " + harmless_text(read.at("fault"));
    std::string text;
    for (const char* key : {"status", "destination", "callername"})
        if (!read.at(key).is_null())
            text += (text.empty() ? "" : ", ") + std::string(key) + ' ' + harmless_text(read.at(key));
    for (const auto& [name, value] : read.at("variables").items())
        text += ", variable " + harmless(name) + " = " + harmless_text(value);
    return text;
}

/// Returns which JSON Pointer gave what; of a form, the keys are in the body for all to see.
std::string place_rows(const Json& read)
{
    if (read.value("format", "") != "json")
        return {};
    std::string text;
    for (const Json& value : read.at("places")) {
        const std::string name =
            value.contains("name") ? "variable " + harmless_text(value.at("name")) : harmless_text(value.at("field"));
        text += (text.empty() ? "" : ", ") + name + " from " + harmless_text(value.at("place"));
    }
    for (const Json& pointer : read.at("nothing_at"))
        text += (text.empty() ? "" : ", ") + std::string("nothing at ") + harmless_text(pointer);
    return text.empty() ? text : row("JSON", text);
}

std::string reply_rows(const Json& reply)
{
    if (reply.is_null())
        return row("reply", "none");
    const Json& status = reply.at("status");
    std::string text = row("reply", status.is_null() ? "no HTTP" : "HTTP status " + harmless_text(status));
    text += header_rows(reply.at("headers")) + body_rows(reply);
    if (const auto read = reply.find("read"); read != reply.end() && !read->is_null())
        text += row("read as", reading(*read)) + place_rows(*read);
    return text;
}

} // namespace

std::string render_exchange(const Json& exchange)
{
    const Json& request = exchange.at("request");
    return row("request", harmless_text(request.at("method")) + ' ' + harmless_text(exchange.at("url"))) +
           header_rows(request.at("headers")) + body_rows(request) + reply_rows(exchange.at("reply"));
}

} // namespace dialhook::ctl
