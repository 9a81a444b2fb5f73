#include "ctl/render.hpp"
#include "ctl/terminal.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <vector>

/// What `top` and `tail` show.
namespace dialhook::ctl {
namespace {

using Json = nlohmann::ordered_json;

std::string decimal(double value)
{
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.1f", value);
    return text.data();
}

std::string milliseconds(const Json& value)
{
    return value.is_null() ? "-" : decimal(value.get<double>()) + " ms";
}

std::string text_of(const Json& value)
{
    return value.is_null() ? std::string() : harmless(value.is_string() ? value.get<std::string>() : value.dump());
}

std::string padded(std::string text, std::size_t width)
{
    if (const auto taken = columns(text); taken < width)
        text.append(width - taken, ' ');
    return text;
}

/// Returns the time with milliseconds, in the local time zone.
std::string clock_time(const Json& at)
{
    const auto since_1970 = at.get<std::int64_t>();
    const std::time_t seconds = since_1970 / 1000;
    std::tm parts{};
    ::localtime_r(&seconds, &parts);
    std::array<char, 16> text{};
    std::strftime(text.data(), text.size(), "%H:%M:%S", &parts);
    const std::string fraction = std::to_string(since_1970 % 1000);
    return std::string(text.data()) + '.' + std::string(3 - fraction.size(), '0') + fraction;
}

std::string share(std::uint64_t part, std::uint64_t whole)
{
    return whole == 0 ? "-" : decimal(100 * static_cast<double>(part) / static_cast<double>(whole)) + " %";
}

std::string timing(const Json& phases)
{
    std::string text;
    for (const auto& [phase, time] : phases.items())
        text += (text.empty() ? "" : ", ") + harmless(phase) + ' ' + decimal(time.get<double>());
    return text;
}

/// Returns the last few names that requests asked for in vain.
std::string refused_requests(const Json& top)
{
    constexpr std::size_t most = 5;
    std::string text;
    std::size_t shown = 0;
    for (const Json& request : top.value("refused_requests", Json::array())) {
        if (shown++ == most)
            break;
        const auto count = request.at("count").get<std::uint64_t>();
        text += "refused: " + std::to_string(count) + (count == 1 ? " request" : " requests");
        const std::string asked_for = text_of(request.at("asked_for"));
        if (!asked_for.empty())
            text += " for " + asked_for + ' ' + text_of(request.at("name"));
        text += " (" + text_of(request.at("code")) + ')';
        if (const std::string nearest = text_of(request.at("nearest")); !nearest.empty())
            text += asked_for == "did" ? "; the nearest is \"" + nearest + '"' : "; did you mean \"" + nearest + "\"?";
        text += '\n';
    }
    return text.empty() ? text : text + '\n';
}

} // namespace

std::string render_past_decision(const Json& decision)
{
    const bool has_webhook = decision.contains("branch");
    std::string outcome = "no webhook";
    if (has_webhook)
        outcome = text_of(decision["reason"].is_null() ? decision["branch"] : decision["reason"]);
    std::string caller = text_of(decision.at("callerid"));
    if (caller.empty())
        caller = "withheld";
    std::string line = clock_time(decision.at("at")) + "  " + padded(outcome, 12) + "  ";
    const std::string took = has_webhook ? milliseconds(decision["elapsed_ms"]) : std::string();
    line += std::string(took.size() < 11 ? 11 - took.size() : 0, ' ') + took + "  ";
    line += padded(text_of(decision.at(has_webhook ? "webhook" : "dialplan")), 16) + "  ";
    line += caller + " -> " + text_of(decision.at("did"));
    const auto add = [&line](const char* name, const std::string& value) {
        if (!value.empty())
            line += std::string("  ") + name + value;
    };
    add("", text_of(decision.at("callername")));
    if (has_webhook) {
        add("dials ", text_of(decision[decision["destinations"].is_null() ? "destination" : "destinations"]));
        add("HTTP ", text_of(decision["http_status"]));
        add("", decision["timing"].empty() ? std::string() : '(' + timing(decision["timing"]) + ')');
        add("", text_of(decision["detail"]));
    }
    add("call ", text_of(decision.at("call_id")));
    return line + '\n';
}

std::string render_top(const Json& top)
{
    const auto calls = top.at("calls").get<std::uint64_t>();
    const auto failures = top.at("failures").get<std::uint64_t>();
    std::string text = "Dialhook " + text_of(top.at("version")) + (top.at("draining").get<bool>() ? ", draining" : "") +
                       ": " + std::to_string(calls) + " calls in the last " + text_of(top.at("window_s")) + " s, " +
                       share(calls - failures, calls) + " success, " + text_of(top.at("in_flight")) + " in flight, " +
                       text_of(top.at("engine_connections")) + " engines\n\n";
    text += refused_requests(top);
    std::vector<std::vector<std::string>> rows;
    for (const Json& webhook : top.at("webhooks")) {
        const auto own = webhook.at("calls").get<std::uint64_t>();
        const auto failed = webhook.at("failures").get<std::uint64_t>();
        const Json& breaker = webhook.at("circuit_breaker");
        rows.push_back({webhook.at("name").get<std::string>(), std::to_string(own), share(own - failed, own),
                        milliseconds(webhook.at("p50_ms")), milliseconds(webhook.at("p99_ms")),
                        webhook.at("in_flight").dump(), breaker.is_null() ? "-" : breaker.get<std::string>(),
                        webhook.at("total").at("success").dump(), webhook.at("total").at("failure").dump()});
    }
    return text +
           table({"WEBHOOK", ">CALLS", ">SUCCESS", ">P50", ">P99", ">IN FLIGHT", "BREAKER", ">EVER OK", ">FAILED"},
                 rows);
}

} // namespace dialhook::ctl
