#include "api/control/event_reports.hpp"

#include "api/http/notifications.hpp"
#include "api/rpc/shown_exchange.hpp"
#include "base/spelling.hpp"
#include "base/utc.hpp"
#include "events/words.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

namespace dialhook::control {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t max_deliveries = 1000;

std::string written(const Json& value)
{
    return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json moment(const std::optional<std::chrono::system_clock::time_point>& at)
{
    return at ? Json(milliseconds_since_1970(*at)) : Json();
}

Json text_or_null(const std::string& text)
{
    return text.empty() ? Json() : Json(text);
}

Json shown(const spool::Delivery& delivery)
{
    Json row{{"id", delivery.id}};
    if (delivery.target.is_webhook())
        row["webhook"] = delivery.target.name;
    else
        row.update({{"notification", delivery.target.name},
                    {"url", delivery.target.url},
                    {"event", delivery.event},
                    {"seq", delivery.seq}});
    row.update({{"call_id", delivery.call_id},
                {"webhook_id", delivery.webhook_id},
                {"state", delivery.state},
                {"attempts", delivery.attempts},
                {"reported_at", milliseconds_since_1970(delivery.reported_at)},
                {"next_at", moment(delivery.next_at)},
                {"http_status", delivery.http_status ? Json(*delivery.http_status) : Json()},
                {"detail", text_or_null(delivery.detail)}});
    return row;
}

Json shown(const delivery::TestedUrl& tested, const rpc::SecretMask& secrets)
{
    Json exchanges = Json::array();
    for (const dispatch::ExchangeReport& exchange : tested.exchanges)
        exchanges.push_back(rpc::shown_event_exchange(exchange, secrets));
    const std::chrono::duration<double, std::milli> elapsed =
        std::chrono::floor<std::chrono::microseconds>(tested.elapsed);
    const spool::Attempted& attempted = tested.attempted;
    return {{"url", tested.url},
            {"delivered", attempted.outcome == spool::Attempted::Outcome::delivered},
            {"http_status", attempted.http_status ? Json(*attempted.http_status) : Json()},
            {"detail", text_or_null(secrets.masked(attempted.detail))},
            {"elapsed_ms", elapsed.count()},
            {"exchanges", std::move(exchanges)}};
}

/// Returns false if `key` has a value of a wrong type.
bool take(const Json& params, const char* key, bool& value)
{
    const auto found = params.find(key);
    if (found == params.end())
        return true;
    if (!found->is_boolean())
        return false;
    value = found->get<bool>();
    return true;
}

/// Returns nullopt if `key` is not there, or if its value is no whole number up to `most`.
std::optional<std::uint64_t> number_in(const Json& params, const char* key, std::uint64_t most)
{
    const auto found = params.find(key);
    if (found == params.end() || !found->is_number_unsigned() || found->get<std::uint64_t>() > most)
        return std::nullopt;
    return found->get<std::uint64_t>();
}

} // namespace

std::string notifications_json(const spool::Counts& counts, const dispatch::Snapshot& snapshot,
                               std::chrono::system_clock::time_point now)
{
    return written({{"now", milliseconds_since_1970(now)},
                    {"durable", counts.is_durable},
                    {"fault", text_or_null(counts.fault)},
                    {"bytes", counts.bytes},
                    {"late_reports", counts.late_reports},
                    {"notifications", status::notification_rows(counts, snapshot, status::Urls::named)},
                    {"webhooks", status::later_rows(counts)},
                    {"trouble", status::event_trouble(counts, snapshot, now)}});
}

boost::system::result<spool::DeliveriesWanted, std::string>
read_deliveries_wanted(const std::string& params, std::chrono::system_clock::time_point now)
{
    constexpr std::uint64_t century = 100ULL * 365 * 24 * 3600;
    const Json read = Json::parse(params);
    spool::DeliveriesWanted wanted;
    wanted.limit = max_deliveries;
    if (read.is_null())
        return wanted;
    if (!read.is_object())
        return std::string("the parameters must be an object");
    if (!take(read, "failed", wanted.failed_only))
        return std::string("failed must be true or false");
    if (const auto call_id = read.find("call_id"); call_id != read.end()) {
        if (!call_id->is_string())
            return std::string("call_id must be the identifier of a call");
        wanted.call_id = call_id->get<std::string>();
    }
    if (read.contains("since_s")) {
        const auto since = number_in(read, "since_s", century);
        if (!since)
            return std::string("since_s must be a number of seconds");
        wanted.since = now - std::chrono::seconds(*since);
    }
    if (read.contains("limit")) {
        const auto limit = number_in(read, "limit", max_deliveries);
        if (!limit)
            return std::string("limit must be a number from 0 to 1000");
        wanted.limit = *limit;
    }
    return wanted;
}

std::string deliveries_json(const std::vector<spool::Delivery>& deliveries)
{
    Json list = Json::array();
    for (auto delivery = deliveries.rbegin(); delivery != deliveries.rend(); ++delivery)
        list.push_back(shown(*delivery));
    return written({{"deliveries", std::move(list)}});
}

boost::system::result<std::int64_t, std::string> read_replay(const std::string& params)
{
    const Json read = Json::parse(params);
    const auto id = read.is_object() ? number_in(read, "id", INT64_MAX) : std::nullopt;
    if (!id || *id == 0)
        return "id must be the number of a delivery; `deliveries` lists them";
    return static_cast<std::int64_t>(*id);
}

boost::system::result<std::string, std::string> read_test(const std::string& params)
{
    const Json read = Json::parse(params);
    const auto name = read.is_object() ? read.find("notification") : read.end();
    if (name == read.end() || !name->is_string())
        return {boost::system::in_place_error, "notification must be the name of one"};
    return {boost::system::in_place_value, name->get<std::string>()};
}

std::string unknown_notification(const std::string& name, const dispatch::Snapshot& snapshot)
{
    std::vector<std::string_view> names;
    for (const dispatch::ResolvedNotification& resolved : snapshot.notifications())
        names.push_back(resolved.notification->name.str());
    return "there is no notification '" + name + "'" + did_you_mean(name, names);
}

std::string event_test_json(const delivery::EventTest& test)
{
    const rpc::SecretMask secrets(*test.resolved);
    Json urls = Json::array();
    for (const delivery::TestedUrl& tested : test.urls)
        urls.push_back(shown(tested, secrets));
    return written({{"notification", test.resolved->notification->name.str()},
                    {"event", events::to_string(test.event.kind)},
                    {"call_id", test.event.call_id.view()},
                    {"webhook_id", test.webhook_id},
                    {"urls", std::move(urls)}});
}

} // namespace dialhook::control
