#pragma once

#include "call/call.hpp"
#include "events/ledger.hpp"
#include "spool/parcel.hpp"
#include "spool/spool.hpp"
#include "spool/sqlite.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace dialhook::spool {

using SystemTime = std::chrono::system_clock::time_point;

/// The tables of the spool and what is done with them. Every function throws sqlite::Error.
class Database
{
public:
    enum class State : unsigned char
    {
        waiting,
        delivered,
        expired,
        dropped
    };

    /// A delivery that waits, without its content.
    struct Waiting
    {
        std::int64_t id;
        Target target;
        std::optional<events::Kind> kind; ///< nullopt: a webhook
        std::string call_id;
        unsigned attempts;
        SystemTime reported_at;
        SystemTime expires_at;
        SystemTime next_at;
    };

    /// What becomes of a delivery after an attempt, or without one.
    struct Change
    {
        std::int64_t id;
        State state;
        std::optional<unsigned> attempts; ///< nullopt: as it was, and so are status and detail
        SystemTime at;                    ///< of the next attempt, or when it finished
        std::optional<std::int64_t> http_status;
        std::string detail;
    };

    /// Makes tables where there are none, and brings old ones up to date. `path` may be `:memory:`.
    explicit Database(const std::string& path);

    sqlite::Connection& connection() { return connection_; }

    std::optional<events::CallRecord> call(const events::CallId& call_id);
    void put(const events::CallId& call_id, const events::CallRecord& record, SystemTime heard_at);
    /// Returns at most `limit` calls that have not ended and were last heard before `heard_before`.
    std::vector<std::pair<events::CallId, events::CallRecord>> silent(SystemTime heard_before, std::size_t limit);

    std::int64_t add_content(const events::Event& event);
    std::int64_t add_content(const Call& call);
    /// Returns the delivery's id.
    std::int64_t add_delivery(std::int64_t content, const Target& target, SystemTime reported_at,
                              SystemTime expires_at);

    void each_waiting(const std::function<void(const Waiting&)>& take);
    std::optional<Waiting> find(std::int64_t delivery);
    /// Returns nullopt if there is none of the id, or if what is stored makes no sense.
    std::optional<Parcel> parcel(std::int64_t delivery);
    void write(const Change& change);
    /// Masks a content of which all deliveries were delivered.
    void mask(std::int64_t delivery);
    bool is_masked(std::int64_t delivery);
    /// Has a delivery wait once more, as if it were reported now.
    void renew(std::int64_t delivery, SystemTime now, SystemTime expires_at);

    /// What waits for `from` waits for `to`, and its pauses are over.
    void move_waiting(const Target& from, const Target& to, SystemTime now);

    /// As `Schedule::shorten`.
    void shorten(const Shortened& shortened);

    /// Newest first.
    std::vector<Delivery> deliveries(const DeliveriesWanted& wanted);

    std::int64_t waiting_count();

    /// Each forgets at most `limit` and returns how many.
    std::size_t forget_ended_calls(SystemTime heard_before, std::size_t limit);
    std::size_t forget_finished(SystemTime finished_before, std::size_t limit);
    std::size_t forget_oldest_finished(std::size_t limit);

    /// The clock was set by so much: all that is to come moves with it.
    void move_times(std::chrono::microseconds by);
    /// A call that is said to have been heard later than `now` was heard now.
    void hear_no_later_than(SystemTime now);

    /// Writes, and changes nothing.
    void touch();

    std::uint64_t bytes_in_use();
    /// Gives pages that are in no use back to the disk, not all at once.
    void shrink();

private:
    std::int64_t target_id(const Target& target);

    sqlite::Connection connection_;
    std::string id_; ///< random, of the file

    struct Statements;
    struct DeleteStatements
    {
        void operator()(Statements* statements) const;
    };
    std::unique_ptr<Statements, DeleteStatements> statements_;
};

} // namespace dialhook::spool
