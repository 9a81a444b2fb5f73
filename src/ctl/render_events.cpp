#include "ctl/render.hpp"
#include "ctl/render_exchange.hpp"
#include "ctl/terminal.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <string_view>
#include <vector>

/// What `notifications`, `deliveries` and `test` show.
namespace dialhook::ctl {
namespace {

using Json = nlohmann::ordered_json;

/// Returns a cell of a table, which makes it harmless; empty for null.
std::string cell(const Json& value)
{
    if (value.is_null())
        return {};
    return value.is_string() ? value.get<std::string>() : value.dump();
}

/// Returns the time in the local time zone.
std::string moment(const Json& at)
{
    if (at.is_null())
        return {};
    const std::time_t seconds = at.get<std::int64_t>() / 1000;
    std::tm parts{};
    ::localtime_r(&seconds, &parts);
    std::array<char, 32> text{};
    std::strftime(text.data(), text.size(), "%m-%d %H:%M:%S", &parts);
    return text.data();
}

/// Returns how long ago that was.
std::string age(const Json& at, std::int64_t now)
{
    return at.is_null() ? "-" : render_uptime(static_cast<double>(now - at.get<std::int64_t>()) / 1000);
}

std::string state_of(const Json& row)
{
    if (row.at("is_off") == true)
        return "switched off";
    if (row.value("is_configured", true) == false)
        return "not configured";
    return row.at("last_error").is_null() ? "ok" : "failing";
}

std::vector<std::string> figures(const std::string& name, const std::string& url, const Json& row, std::int64_t now)
{
    return {name,
            row.at("waiting").dump(),
            age(row.at("oldest_at"), now),
            row.at("delivered").dump(),
            row.at("failed").dump(),
            row.at("expired").dump(),
            row.at("dropped").dump(),
            state_of(row),
            url,
            cell(row.at("last_error"))};
}

} // namespace

std::string render_notifications(const Json& answer)
{
    const auto now = answer.at("now").get<std::int64_t>();
    std::vector<std::vector<std::string>> rows;
    for (const Json& row : answer.at("notifications"))
        rows.push_back(figures(cell(row.at("name")), cell(row.at("url")), row, now));
    for (const Json& row : answer.at("webhooks"))
        rows.push_back(figures(cell(row.at("webhook")), "(a webhook with wait: false)", row, now));
    std::string text;
    for (const Json& trouble : answer.at("trouble"))
        text += "! " + harmless_text(trouble) + '\n';
    if (rows.empty())
        return text + "no notifications are configured\n";
    return text + (text.empty() ? "" : "\n") +
           table({"NAME", ">WAITING", ">OLDEST", ">DELIVERED", ">FAILED", ">EXPIRED", ">DROPPED", "STATE", "URL",
                  "LAST ERROR"},
                 rows);
}

std::string render_deliveries(const Json& answer)
{
    std::vector<std::vector<std::string>> rows;
    for (const Json& delivery : answer.at("deliveries")) {
        const bool is_webhook = delivery.contains("webhook");
        const Json& status = delivery.at("http_status");
        const std::string detail = cell(delivery.at("detail"));
        const std::string answered = detail.empty() && !status.is_null() ? "HTTP status " + status.dump() : detail;
        rows.push_back({delivery.at("id").dump(), moment(delivery.at("reported_at")),
                        cell(delivery.at(is_webhook ? "webhook" : "notification")),
                        is_webhook ? "(request)" : cell(delivery.at("event")), cell(delivery.at("call_id")),
                        cell(delivery.at("state")), delivery.at("attempts").dump(), moment(delivery.at("next_at")),
                        answered, is_webhook ? std::string() : cell(delivery.at("url"))});
    }
    if (rows.empty())
        return "no deliveries are kept that match\n";
    return table({">ID", "REPORTED", "TO", "EVENT", "CALL", "STATE", ">TRIES", "NEXT TRY", "LAST ANSWER", "URL"}, rows);
}

namespace {

/// Returns `delivered (HTTP status 204, 12.3 ms)`
std::string outcome(const Json& tested)
{
    std::array<char, 32> elapsed{};
    std::snprintf(elapsed.data(), elapsed.size(), "%.1f ms", tested.at("elapsed_ms").get<double>());
    std::string text = tested.at("delivered") == true ? "delivered (" : "not delivered (";
    if (!tested.at("detail").is_null())
        text += harmless_text(tested.at("detail")) + ", ";
    else if (!tested.at("http_status").is_null())
        text += "HTTP status " + harmless_text(tested.at("http_status")) + ", ";
    return text + elapsed.data() + ')';
}

} // namespace

std::string render_event_test(const Json& test)
{
    std::string text = "a made-up event `" + harmless_text(test.at("event")) + "` of the call " +
                       harmless_text(test.at("call_id")) + '\n';
    for (const Json& tested : test.at("urls")) {
        text += harmless_text(tested.at("url")) + ": " + outcome(tested) + '\n';
        for (const Json& exchange : tested.at("exchanges"))
            text += render_exchange(exchange);
    }
    return text;
}

} // namespace dialhook::ctl
