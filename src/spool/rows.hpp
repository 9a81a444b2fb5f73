#pragma once

#include "spool/database.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

// What the rows of the spool's tables mean.
namespace dialhook::spool {

/// What is delivered: an event, or the call of a webhook that no call waits for.
using ParcelContent = std::variant<events::CallEvent, Call>;

/// Returns microseconds since 1970, as the tables have them.
std::int64_t number_of(SystemTime time);
std::int64_t number_of(Database::State state);

/// Of a call whose facts make no sense the rest counts all the same.
events::CallRecord record_of(std::int64_t seq, bool has_ended, std::string_view facts);

/// Selects the rows that `waiting_of` and `content_of` read; a WHERE follows.
inline constexpr std::string_view waiting_columns =
    "SELECT d.id, t.name, t.url, c.event, c.call_id, d.attempts, d.reported_at, d.expires_at, d.next_at, c.seq, c.at, "
    "c.body FROM deliveries d JOIN contents c ON c.id = d.content JOIN targets t ON t.id = d.target ";

Database::Waiting waiting_of(const sqlite::Statement& row);

/// Returns nullopt if what is stored makes no sense.
std::optional<ParcelContent> content_of(const sqlite::Statement& row);

/// Returns the identity of a delivery for who receives it; it is the same at every attempt.
std::string webhook_id(const std::string& file_id, std::int64_t delivery);

/// Reads a row of `Database::deliveries`.
Delivery delivery_of(const sqlite::Statement& row, const std::string& file_id);

} // namespace dialhook::spool
