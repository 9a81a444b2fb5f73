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
        DeliveryTarget target;
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

    std::int64_t add_content(const events::CallEvent& event);
    std::int64_t add_content(const Call& call);
    /// Returns the delivery's id.
    std::int64_t add_delivery(std::int64_t content, const DeliveryTarget& target, SystemTime reported_at,
                              SystemTime expires_at);

    void each_waiting(const std::function<void(const Waiting&)>& take);
    std::optional<Waiting> find(std::int64_t delivery);
    /// Returns nullopt if there is none of the id, or if what is stored makes no sense.
    std::optional<Parcel> parcel(std::int64_t delivery);
    void write(const Change& change);
    /// Masks the content of a delivery, if it was delivered to somebody and nobody waits for it. What nobody got stays
    /// as it is, to be sent once more.
    void mask(std::int64_t delivery);
    /// Does the same for at most `limit` contents after `after`. Returns the last of them; nullopt: there are no more.
    std::optional<std::int64_t> mask_delivered(std::int64_t after, std::size_t limit);
    bool is_masked(std::int64_t delivery);
    /// Has a delivery wait once more, for `target`, as if it were reported now.
    void renew(std::int64_t delivery, const DeliveryTarget& target, SystemTime now, SystemTime expires_at);

    /// Moves what waits for `from` to `to`, and ends its pauses.
    void move_waiting(const DeliveryTarget& from, const DeliveryTarget& to, SystemTime now);

    /// Does the same as `Schedule::shorten`.
    void shorten(const Shortened& shortened);

    /// Returns deliveries, the newest first.
    std::vector<Delivery> deliveries(const DeliveriesWanted& wanted);

    std::int64_t waiting_count();

    /// Each forgets at most `limit` and returns how many.
    std::size_t forget_ended_calls(SystemTime heard_before, std::size_t limit);
    std::size_t forget_finished(SystemTime finished_before, std::size_t limit);
    std::size_t forget_oldest_finished(std::size_t limit);

    /// Moves all that is to come with the clock, which was set by so much.
    void move_times(std::chrono::microseconds by);
    /// A call that is said to have been heard later than `now` was heard now.
    void hear_no_later_than(SystemTime now);

    /// Writes, and changes nothing.
    void touch();

    std::uint64_t bytes_in_use();
    /// Gives pages that are in no use back to the disk, not all at once.
    void shrink();

private:
    std::int64_t target_id(const DeliveryTarget& target);
    void write_masked(std::int64_t content, const std::string& body);

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
