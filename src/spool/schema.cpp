#include "spool/schema.hpp"

#include <array>
#include <string>

namespace dialhook::spool {
namespace {

// Times are microseconds since 1970. `state`: 0 waiting, 1 delivered, 2 expired, 3 dropped.
constexpr const char* first_tables = R"sql(
CREATE TABLE spool (id TEXT NOT NULL); -- random; webhook-ids begin with it
INSERT INTO spool VALUES (lower(hex(randomblob(8))));

CREATE TABLE calls (
    call_id TEXT PRIMARY KEY,
    seq INTEGER NOT NULL,       -- of the newest event
    has_ended INTEGER NOT NULL,
    heard_at INTEGER NOT NULL,
    facts TEXT NOT NULL         -- JSON
) WITHOUT ROWID;
CREATE INDEX calls_by_silence ON calls (has_ended, heard_at);

CREATE TABLE contents (
    id INTEGER PRIMARY KEY,
    call_id TEXT NOT NULL,
    event TEXT,                 -- NULL: the call of a webhook
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    body TEXT NOT NULL          -- JSON: facts, or a call
);
CREATE INDEX contents_by_call ON contents (call_id);

CREATE TABLE targets (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    url TEXT NOT NULL,          -- '': a webhook
    UNIQUE (name, url)
);

CREATE TABLE deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    content INTEGER NOT NULL,
    target INTEGER NOT NULL,
    state INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    reported_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    next_at INTEGER NOT NULL,
    finished_at INTEGER,
    http_status INTEGER,        -- of the last attempt
    detail TEXT NOT NULL DEFAULT ''
);
CREATE INDEX deliveries_waiting ON deliveries (id) WHERE state = 0;
CREATE INDEX deliveries_failed ON deliveries (id) WHERE state > 1;
CREATE INDEX deliveries_finished ON deliveries (finished_at) WHERE finished_at IS NOT NULL;
CREATE INDEX deliveries_by_content ON deliveries (content);
CREATE TRIGGER last_delivery AFTER DELETE ON deliveries
WHEN NOT EXISTS (SELECT 1 FROM deliveries WHERE content = OLD.content)
BEGIN
    DELETE FROM contents WHERE id = OLD.content;
END;
)sql";

constexpr std::array all_steps{first_tables};

} // namespace

std::span<const char* const> schema_steps()
{
    return all_steps;
}

void upgrade(sqlite::Connection& connection, std::span<const char* const> steps)
{
    const auto version = static_cast<std::size_t>(connection.number("PRAGMA user_version"));
    if (version > steps.size())
        throw NewerSchema();
    for (std::size_t step = version; step < steps.size(); ++step) {
        sqlite::Transaction transaction(connection);
        connection.run(steps[step]);
        connection.run(("PRAGMA user_version = " + std::to_string(step + 1)).c_str());
        transaction.commit();
    }
}

} // namespace dialhook::spool
