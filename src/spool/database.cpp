#include "spool/database.hpp"

#include "events/words.hpp"
#include "spool/rows.hpp"
#include "spool/schema.hpp"
#include "spool/stored_json.hpp"

#include <system_error>

#include <filesystem>
#include <limits>

namespace dialhook::spool {
namespace {

sqlite::Connection prepared(const std::string& path)
{
    namespace fs = std::filesystem;
    sqlite::Connection connection(path);
    std::error_code missing;
    if (fs::file_size(path, missing) == 0 && !missing)
        fs::permissions(path,
                        fs::perms::owner_read | fs::perms::owner_write); // numbers of callers; its WAL is as it is
    connection.run("PRAGMA locking_mode = EXCLUSIVE;"  // for as long as it is open; before all that reads
                   "PRAGMA auto_vacuum = INCREMENTAL;" // of a file that is new
                   "PRAGMA journal_mode = WAL;"        // a commit is one write and one fsync
                   "PRAGMA synchronous = FULL;"        // on the disk when it is made
                   "PRAGMA journal_size_limit = 4194304;");
    if (const auto fault = connection.text("PRAGMA quick_check(1)"); fault != "ok")
        throw sqlite::Error(SQLITE_CORRUPT, fault);
    upgrade(connection, schema_steps());
    return connection;
}

/// Limits what a statement takes at once.
std::int64_t limit_of(std::size_t limit)
{
    return static_cast<std::int64_t>(limit);
}

/// Whether a content may be masked.
constexpr std::string_view is_delivered =
    "EXISTS (SELECT 1 FROM deliveries WHERE content = contents.id AND state = 1) "
    "AND NOT EXISTS (SELECT 1 FROM deliveries WHERE content = contents.id AND state = 0)";

} // namespace

struct Database::Statements
{
    explicit Statements(sqlite::Connection& connection)
        : call(connection, "SELECT seq, has_ended, facts FROM calls WHERE call_id = ?")
        , put_call(connection, "INSERT OR REPLACE INTO calls VALUES (?, ?, ?, ?, ?)")
        , add_content(connection, "INSERT INTO contents (call_id, event, seq, at, body) VALUES (?, ?, ?, ?, ?)")
        , add_target(connection, "INSERT OR IGNORE INTO targets (name, url) VALUES (?, ?)")
        , target(connection, "SELECT id FROM targets WHERE name = ? AND url = ?")
        , add_delivery(connection, "INSERT INTO deliveries (content, target, reported_at, expires_at, next_at) "
                                   "VALUES (?, ?, ?, ?, ?)")
        , delivery(connection, std::string(waiting_columns) + "WHERE d.id = ?")
        , attempted(connection, "UPDATE deliveries SET state = ?, attempts = ?, next_at = ?, finished_at = ?, "
                                "http_status = ?, detail = ? WHERE id = ?")
        , finished(connection, "UPDATE deliveries SET state = ?, finished_at = ? WHERE id = ? AND state = 0")
        , delivered_content(connection, "SELECT id, body FROM contents WHERE id = (SELECT content FROM deliveries "
                                        "WHERE id = ?) AND " +
                                            std::string(is_delivered))
        , put_body(connection, "UPDATE contents SET body = ? WHERE id = ?")
    {
    }

    sqlite::Statement call;
    sqlite::Statement put_call;
    sqlite::Statement add_content;
    sqlite::Statement add_target;
    sqlite::Statement target;
    sqlite::Statement add_delivery;
    sqlite::Statement delivery;
    sqlite::Statement attempted;
    sqlite::Statement finished;
    sqlite::Statement delivered_content;
    sqlite::Statement put_body;
};

void Database::DeleteStatements::operator()(Statements* statements) const
{
    delete statements;
}

Database::Database(const std::string& path)
    : connection_(prepared(path))
    , id_(connection_.text("SELECT id FROM spool"))
    , statements_(new Statements(connection_))
{
}

std::optional<events::CallRecord> Database::call(const events::CallId& call_id)
{
    auto& statement = statements_->call.with(call_id.view());
    if (!statement.row())
        return std::nullopt;
    auto record = record_of(statement.number(0), statement.number(1) != 0, statement.text(2));
    statement.reset();
    return record;
}

void Database::put(const events::CallId& call_id, const events::CallRecord& record, SystemTime heard_at)
{
    statements_->put_call.with(call_id.view())
        .with(static_cast<std::int64_t>(record.seq))
        .with(static_cast<std::int64_t>(record.has_ended))
        .with(number_of(heard_at))
        .with(stored(record))
        .run();
}

std::vector<std::pair<events::CallId, events::CallRecord>> Database::silent(SystemTime heard_before, std::size_t limit)
{
    sqlite::Statement statement(connection_, "SELECT call_id, seq, has_ended, facts FROM calls "
                                             "WHERE has_ended = 0 AND heard_at < ? ORDER BY heard_at LIMIT ?");
    statement.with(number_of(heard_before)).with(limit_of(limit));
    std::vector<std::pair<events::CallId, events::CallRecord>> calls;
    while (statement.row()) {
        const auto call_id = events::CallId::from(statement.text(0));
        if (call_id)
            calls.emplace_back(*call_id, record_of(statement.number(1), false, statement.text(3)));
    }
    return calls;
}

std::int64_t Database::add_content(const events::CallEvent& event)
{
    statements_->add_content.with(event.call_id.view())
        .with(to_string(event.kind))
        .with(static_cast<std::int64_t>(event.seq))
        .with(number_of(event.at))
        .with(stored(event.facts))
        .run();
    return connection_.last_id();
}

std::int64_t Database::add_content(const Call& call)
{
    statements_->add_content.with(call.call_id.view())
        .with(nullptr)
        .with(std::int64_t{0})
        .with(std::int64_t{0})
        .with(stored(call))
        .run();
    return connection_.last_id();
}

std::int64_t Database::target_id(const DeliveryTarget& target)
{
    // Asked each time: what a transaction added is gone if it is rolled back.
    auto& statement = statements_->target.with(target.name).with(target.url);
    if (statement.row()) {
        const auto id = statement.number(0);
        statement.reset();
        return id;
    }
    statements_->add_target.with(target.name).with(target.url).run();
    return connection_.last_id();
}

std::int64_t Database::add_delivery(std::int64_t content, const DeliveryTarget& target, SystemTime reported_at,
                                    SystemTime expires_at)
{
    const std::int64_t target_id = this->target_id(target);
    statements_->add_delivery.with(content)
        .with(target_id)
        .with(number_of(reported_at))
        .with(number_of(expires_at))
        .with(number_of(reported_at))
        .run();
    return connection_.last_id();
}

void Database::each_waiting(const std::function<void(const Waiting&)>& take)
{
    sqlite::Statement statement(connection_, std::string(waiting_columns) + "WHERE d.state = 0 ORDER BY d.id");
    while (statement.row())
        take(waiting_of(statement));
}

std::optional<Database::Waiting> Database::find(std::int64_t delivery)
{
    auto& statement = statements_->delivery.with(delivery);
    if (!statement.row())
        return std::nullopt;
    auto found = waiting_of(statement);
    statement.reset();
    return found;
}

std::optional<Parcel> Database::parcel(std::int64_t delivery)
{
    auto& statement = statements_->delivery.with(delivery);
    if (!statement.row())
        return std::nullopt;
    auto waiting = waiting_of(statement);
    auto content = content_of(statement);
    statement.reset();
    if (!content)
        return std::nullopt;
    return Parcel{.id = delivery,
                  .webhook_id = webhook_id(id_, delivery),
                  .attempt = waiting.attempts + 1,
                  .target = std::move(waiting.target),
                  .reported_at = waiting.reported_at,
                  .expires_at = waiting.expires_at,
                  .content = *std::move(content)};
}

void Database::write(const Change& change)
{
    const bool is_waiting = change.state == State::waiting;
    const auto finished_at = is_waiting ? std::nullopt : std::optional(number_of(change.at));
    if (change.attempts)
        statements_->attempted.with(number_of(change.state))
            .with(static_cast<std::int64_t>(*change.attempts))
            .with(number_of(change.at))
            .with(finished_at)
            .with(change.http_status)
            .with(change.detail)
            .with(change.id)
            .run();
    else
        statements_->finished.with(number_of(change.state)).with(finished_at).with(change.id).run();
}

void Database::mask(std::int64_t delivery)
{
    auto& statement = statements_->delivered_content.with(delivery);
    if (!statement.row())
        return;
    const std::int64_t content = statement.number(0);
    const std::string body(statement.text(1));
    statement.reset();
    write_masked(content, body);
}

std::optional<std::int64_t> Database::mask_delivered(std::int64_t after, std::size_t limit)
{
    sqlite::Statement statement(connection_, "SELECT id, body, " + std::string(is_delivered) +
                                                 " FROM contents WHERE id > ? ORDER BY id LIMIT ?");
    statement.with(after).with(limit_of(limit));
    std::vector<std::pair<std::int64_t, std::string>> delivered;
    std::size_t seen = 0;
    for (; statement.row(); ++seen) {
        after = statement.number(0);
        if (statement.number(2) != 0)
            delivered.emplace_back(after, statement.text(1));
    }
    for (const auto& [content, body] : delivered)
        write_masked(content, body);
    return seen == limit ? std::optional(after) : std::nullopt;
}

void Database::write_masked(std::int64_t content, const std::string& body)
{
    if (const std::string without = masked(body); without != body)
        statements_->put_body.with(without).with(content).run();
}

bool Database::is_masked(std::int64_t delivery)
{
    sqlite::Statement statement(connection_,
                                "SELECT body FROM contents WHERE id = (SELECT content FROM deliveries WHERE id = ?)");
    return statement.with(delivery).row() && spool::is_masked(statement.text(0));
}

void Database::renew(std::int64_t delivery, const DeliveryTarget& target, SystemTime now, SystemTime expires_at)
{
    const std::int64_t target_id = this->target_id(target);
    sqlite::Statement(connection_, "UPDATE deliveries SET state = 0, attempts = 0, finished_at = NULL, target = ?, "
                                   "next_at = ?, expires_at = ? WHERE id = ?")
        .with(target_id)
        .with(number_of(now))
        .with(number_of(expires_at))
        .with(delivery)
        .run();
}

void Database::move_waiting(const DeliveryTarget& from, const DeliveryTarget& to, SystemTime now)
{
    const std::int64_t source = target_id(from);
    const std::int64_t destination = target_id(to);
    sqlite::Statement(connection_,
                      "UPDATE deliveries SET target = ?, next_at = min(next_at, ?) WHERE state = 0 AND target = ?")
        .with(destination)
        .with(number_of(now))
        .with(source)
        .run();
}

void Database::shorten(const Shortened& shortened)
{
    const auto microseconds = [](std::chrono::microseconds time) { return std::int64_t{time.count()}; };
    sqlite::Statement(connection_,
                      "UPDATE deliveries SET expires_at = min(expires_at, max(reported_at, expires_at - ?) + ?) "
                      "WHERE state = 0 AND target IN (SELECT id FROM targets WHERE name = ? AND url <> '') "
                      "AND (SELECT event FROM contents WHERE id = content) = ?")
        .with(microseconds(shortened.before))
        .with(microseconds(shortened.after))
        .with(shortened.notification)
        .with(to_string(shortened.kind))
        .run();
}

std::vector<Delivery> Database::deliveries(const DeliveriesWanted& wanted)
{
    // Each condition is left out where it does not matter, so that SQLite finds the index of those that do.
    std::string sql =
        "SELECT d.id, t.name, t.url, c.event, c.call_id, d.attempts, d.reported_at, d.expires_at, "
        "d.next_at, d.state, c.seq, d.http_status, d.detail FROM deliveries d "
        "JOIN contents c ON c.id = d.content JOIN targets t ON t.id = d.target WHERE coalesce(d.finished_at, "
        "d.reported_at) >= ?1 ";
    if (wanted.failed_only)
        sql += "AND d.id IN (SELECT id FROM deliveries WHERE state > 1 UNION ALL "
               "SELECT id FROM deliveries WHERE state = 0 AND attempts > 0) ";
    if (!wanted.call_id.empty())
        sql += "AND d.content IN (SELECT id FROM contents WHERE call_id = ?3) ";
    sqlite::Statement statement(connection_, sql + "ORDER BY d.id DESC LIMIT ?2");
    statement.with(wanted.since ? number_of(*wanted.since) : std::numeric_limits<std::int64_t>::min())
        .with(limit_of(wanted.limit));
    if (!wanted.call_id.empty())
        statement.with(std::string_view(wanted.call_id));
    std::vector<Delivery> found;
    while (statement.row())
        found.push_back(delivery_of(statement, id_));
    return found;
}

std::int64_t Database::waiting_count()
{
    return connection_.number("SELECT count(*) FROM deliveries WHERE state = 0");
}

std::size_t Database::forget_ended_calls(SystemTime heard_before, std::size_t limit)
{
    sqlite::Statement(connection_, "DELETE FROM calls WHERE call_id IN (SELECT call_id FROM calls WHERE has_ended = 1 "
                                   "AND heard_at < ? ORDER BY heard_at LIMIT ?)")
        .with(number_of(heard_before))
        .with(limit_of(limit))
        .run();
    return static_cast<std::size_t>(connection_.changes());
}

std::size_t Database::forget_finished(SystemTime finished_before, std::size_t limit)
{
    sqlite::Statement(connection_, "DELETE FROM deliveries WHERE id IN (SELECT id FROM deliveries WHERE finished_at "
                                   "IS NOT NULL AND finished_at < ? ORDER BY finished_at LIMIT ?)")
        .with(number_of(finished_before))
        .with(limit_of(limit))
        .run();
    return static_cast<std::size_t>(connection_.changes());
}

std::size_t Database::forget_oldest_finished(std::size_t limit)
{
    return forget_finished(SystemTime::max(), limit);
}

void Database::move_times(std::chrono::microseconds by)
{
    for (const char* sql :
         {"UPDATE calls SET heard_at = heard_at + ?",
          "UPDATE deliveries SET finished_at = finished_at + ? WHERE state <> 0",
          "UPDATE deliveries SET reported_at = reported_at + ?1, expires_at = expires_at + ?1, next_at = next_at + ?1 "
          "WHERE state = 0"})
        sqlite::Statement(connection_, sql).with(by.count()).run();
}

void Database::hear_no_later_than(SystemTime now)
{
    sqlite::Statement(connection_, "UPDATE calls SET heard_at = ?1 WHERE heard_at > ?1").with(number_of(now)).run();
}

void Database::touch()
{
    // Of a row that stays as it is SQLite would write nothing.
    const std::int64_t version = connection_.number("PRAGMA user_version");
    connection_.run(("PRAGMA user_version = " + std::to_string(version)).c_str());
}

std::uint64_t Database::bytes_in_use()
{
    const auto pages = connection_.number("PRAGMA page_count") - connection_.number("PRAGMA freelist_count");
    return static_cast<std::uint64_t>(pages * connection_.number("PRAGMA page_size"));
}

void Database::shrink()
{
    connection_.run("PRAGMA incremental_vacuum(256)");
}

} // namespace dialhook::spool
