#include "spool/rows.hpp"

#include "events/words.hpp"
#include "spool/stored_json.hpp"

#include <array>
#include <chrono>

namespace dialhook::spool {
namespace {

using std::chrono::microseconds;

constexpr std::array<std::string_view, 4> state_names{"waiting", "delivered", "expired", "dropped"};

SystemTime time_of(std::int64_t number)
{
    return SystemTime(std::chrono::duration_cast<SystemTime::duration>(microseconds(number)));
}

} // namespace

std::int64_t number_of(SystemTime time)
{
    return std::chrono::floor<microseconds>(time.time_since_epoch()).count();
}

std::int64_t number_of(Database::State state)
{
    return static_cast<std::int64_t>(state);
}

events::CallRecord record_of(std::int64_t seq, bool has_ended, std::string_view facts)
{
    events::CallRecord record;
    record.facts = facts_of(facts).value_or(events::Facts());
    record.seq = static_cast<std::uint32_t>(seq);
    record.has_ended = has_ended;
    record.first_did = first_did_of(facts, record.facts);
    return record;
}

Database::Waiting waiting_of(const sqlite::Statement& row)
{
    return {.id = row.number(0),
            .target = {std::string(row.text(1)), std::string(row.text(2))},
            .kind = row.is_null(3) ? std::nullopt : events::kind_of(row.text(3)),
            .call_id = std::string(row.text(4)),
            .attempts = static_cast<unsigned>(row.number(5)),
            .reported_at = time_of(row.number(6)),
            .expires_at = time_of(row.number(7)),
            .next_at = time_of(row.number(8))};
}

std::optional<ParcelContent> content_of(const sqlite::Statement& row)
{
    if (row.is_null(3)) {
        auto call = call_of(row.text(11));
        return call ? std::optional<ParcelContent>(*std::move(call)) : std::nullopt;
    }
    const auto call_id = events::CallId::from(row.text(4));
    const auto kind = events::kind_of(row.text(3));
    auto facts = facts_of(row.text(11));
    if (!call_id || !kind || !facts)
        return std::nullopt;
    return events::CallEvent{*call_id, static_cast<std::uint32_t>(row.number(9)), *kind, time_of(row.number(10)),
                             *std::move(facts)};
}

std::string webhook_id(const std::string& file_id, std::int64_t delivery)
{
    return "msg_" + file_id + "_" + std::to_string(delivery);
}

Delivery delivery_of(const sqlite::Statement& row, const std::string& file_id)
{
    const bool is_waiting = row.number(9) == 0;
    Delivery delivery{.id = row.number(0),
                      .target = {std::string(row.text(1)), std::string(row.text(2))},
                      .webhook_id = webhook_id(file_id, row.number(0)),
                      .call_id = std::string(row.text(4)),
                      .event = std::string(row.text(3)),
                      .seq = static_cast<std::uint32_t>(row.number(10)),
                      .state = std::string(state_names.at(static_cast<std::size_t>(row.number(9)))),
                      .attempts = static_cast<unsigned>(row.number(5)),
                      .reported_at = time_of(row.number(6)),
                      .next_at = {},
                      .http_status = {},
                      .detail = std::string(row.text(12))};
    if (is_waiting)
        delivery.next_at = time_of(row.number(8));
    if (!row.is_null(11))
        delivery.http_status = static_cast<int>(row.number(11));
    return delivery;
}

} // namespace dialhook::spool
