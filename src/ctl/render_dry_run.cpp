#include "ctl/render.hpp"
#include "ctl/terminal.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <string_view>
#include <utility>
#include <vector>

namespace dialhook::ctl {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t name_width = 12;
constexpr double chart_width = 40;

std::string row(std::string_view name, const std::string& text)
{
    return "  " + std::string(name) + std::string(name_width - name.size(), ' ') + text + '\n';
}

std::string harmless_text(const Json& value)
{
    return harmless(value.is_string() ? value.get<std::string>() : value.dump());
}

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

/// Which JSON Pointer gave what; of a form, the keys are in the body for all to see.
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
    if (const Json& read = reply.at("read"); !read.is_null())
        text += row("read as", reading(read)) + place_rows(read);
    return text;
}

std::string exchange_rows(const Json& exchange)
{
    const Json& request = exchange.at("request");
    return row("request", harmless_text(request.at("method")) + ' ' + harmless_text(exchange.at("url"))) +
           header_rows(request.at("headers")) + body_rows(request) + reply_rows(exchange.at("reply"));
}

std::string column_of_milliseconds(double value)
{
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%8.1f ms", value);
    return text.data();
}

/// Phase by phase, each bar beginning where the one before ended.
std::string chart(const Json& timing, double elapsed)
{
    std::string text = "where the time went\n";
    double begin = 0;
    const auto column = [elapsed](double at) {
        return static_cast<std::size_t>(std::lround(std::min(at / std::max(elapsed, 0.1), 1.0) * chart_width));
    };
    for (const auto& [phase, value] : timing.items()) {
        const auto spent = value.get<double>();
        const std::size_t from = column(begin);
        const std::size_t length = spent > 0 ? std::max<std::size_t>(column(begin + spent) - from, 1) : 0;
        const std::string bar = length == 0 ? "" : " |" + std::string(from, ' ') + std::string(length, '#');
        text += row(harmless(phase), column_of_milliseconds(spent) + bar);
        begin += spent;
    }
    return text + row("in all", column_of_milliseconds(elapsed));
}

/// Of an attempt: which URL was asked, and what came of it.
std::string attempt_line(std::size_t number, const Json& one)
{
    std::string text = "try " + std::to_string(number) + " of " + harmless_text(one.at("url"));
    text += one.at("reason").is_null() ? ": success" : ": " + harmless_text(one.at("reason"));
    return text + (one.at("detail").is_null() ? "" : " (" + harmless_text(one.at("detail")) + ")") + '\n';
}

} // namespace

std::string render_dry_run(const Json& dry_run)
{
    Json decision = dry_run.at("decision");
    const Json attempts = std::exchange(decision["tries"], nullptr);
    const Json timing = std::exchange(decision["timing"], nullptr);
    std::string text;
    for (std::size_t number = 1; number <= attempts.size(); ++number) {
        text += attempt_line(number, attempts[number - 1]);
        for (const Json& exchange : dry_run.at("exchanges"))
            if (exchange.at("try") == number)
                text += exchange_rows(exchange);
    }
    return text + render_decision(decision) + chart(timing, decision.at("elapsed_ms").get<double>());
}

} // namespace dialhook::ctl
