#pragma once

#include "call/call.hpp"
#include "events/event.hpp"
#include "events/notification.hpp"
#include "log/log.hpp"
#include "metrics/histogram.hpp"
#include "spool/parcel.hpp"
#include "spool/results.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace dialhook::spool {

/// What became of a report.
enum class Stored : unsigned char
{
    stored,  ///< on disk; also of a report that adds no event, such as a second `created`
    dropped, ///< it came after the call's end; counted
    failed   ///< nothing of it was stored (-32007)
};
using StoredFunction = std::function<void(Stored, std::string why)>;

/// What became of the wish to send a delivery again.
enum class Replayed : unsigned char
{
    again,
    unknown,        ///< there is none of that number
    masked,         ///< its event was delivered, and `redact` left nothing to send
    not_configured, ///< the configuration no longer has its URL, and nobody can say which one replaced it
    switched_off    ///< by a 410 of its URL
};

/// What the spool is told by the configuration. `file`, once opened, stays until a restart.
struct Settings
{
    std::filesystem::path
        file; ///< empty: no folder was given. Reports fail, webhooks with `wait: false` wait in memory
    std::chrono::milliseconds event_idle{std::chrono::hours(4)};
    std::chrono::milliseconds keep{std::chrono::hours(1)}; ///< of what was delivered
    bool redact = false;
    Numbers numbers; ///< for the DIDs of notifications
    std::shared_ptr<const events::Notifications> notifications;
    /// How many requests at once each webhook with `wait: false` bears, by its name: what is beyond waits here, instead
    /// of failing with `overload`.
    std::map<std::string, std::size_t> in_flight = {};
};

/// Who carries parcels. Called on the spool's thread; hands over to its own and never waits.
class Carrier
{
public:
    virtual void carry(Parcel parcel) = 0;

protected:
    ~Carrier() = default;
};

/// What is known of a target. Any thread may ask.
struct TargetCounts
{
    DeliveryTarget target;
    std::uint64_t waiting = 0;   ///< with what is under way
    std::uint64_t delivered = 0; ///< since the start
    std::uint64_t failed = 0;    ///< attempts that failed, since the start
    std::uint64_t expired = 0;
    std::uint64_t dropped = 0;                                   ///< beyond the limit of what may wait
    std::array<Results, events::kind_count> by_event = {};       ///< the same by events::Kind; of a webhook: none
    std::optional<std::chrono::system_clock::time_point> oldest; ///< reported; of those that wait
    bool switched_off = false;                                   ///< by a 410
    std::string last_error;                                      ///< of the newest attempt, if it failed
};

struct Counts
{
    std::vector<TargetCounts> targets; ///< ordered; also those that the configuration had since the start
    /// By notification, from report to delivery, since the start.
    std::map<std::string, dispatch::Distribution> seconds;
    std::uint64_t late_reports = 0; ///< after the end of their call
    std::uint64_t bytes = 0;        ///< of the spool's files
    bool has_file = false;          ///< the configuration or the command line names one
    bool is_durable = false;        ///< there is a file and it can be written
    std::string fault;              ///< of the disk, the last; empty: none
};

/// One delivery, for `dialhookctl deliveries`.
struct Delivery
{
    std::int64_t id;
    DeliveryTarget target;
    std::string webhook_id;
    std::string call_id;
    std::string event; ///< `created`…; empty: a webhook
    std::uint32_t seq = 0;
    std::string state; ///< waiting, delivered, expired, dropped
    unsigned attempts = 0;
    std::chrono::system_clock::time_point reported_at;
    std::optional<std::chrono::system_clock::time_point> next_at; ///< of what waits
    std::optional<int> http_status;
    std::string detail; ///< of the last attempt
};

struct DeliveriesWanted
{
    bool failed_only = false;                                   ///< expired, dropped, or waiting after a failed attempt
    std::string call_id;                                        ///< empty: of all calls
    std::optional<std::chrono::system_clock::time_point> since; ///< delivered or given up then or later; or reported
    std::size_t limit = 1000;
};

/// What happened to calls, on disk until web servers know of it: SQLite in WAL mode with `synchronous=FULL`, on a
/// thread of its own that gathers what comes meanwhile into one commit. No function waits. Functions that are handed
/// over run on the spool's thread and hand over in their turn; after `stop`, or when a report is refused at once, on
/// the caller's.
///
/// Each event goes to each URL of each notification that wants it, in the order of its call, and again until it is
/// delivered or expires.
class Spool
{
public:
    /// Opens the file, or sets a broken one aside and begins another. A disk that refuses is said and tried again
    /// later.
    Spool(Settings settings, log::Log& log);
    ~Spool();
    Spool(const Spool&) = delete;
    Spool& operator=(const Spool&) = delete;

    /// Hands parcels to `carrier` from now on, which outlives the spool's `stop`.
    void start(Carrier& carrier);

    /// After a reload. What waits for a URL that was corrected goes to the new one; what waits for another that is gone
    /// waits until it expires. What was switched off is on.
    void configure(Settings settings);

    /// `done` may be empty.
    void report(events::Report report, StoredFunction done);

    /// Takes a webhook that `call` does not wait for.
    void send_later(const WebhookName& webhook, const Call& call);

    /// Takes how an attempt of `parcel` ended. Called once for each `Carrier::carry`, on any thread.
    void conclude(std::int64_t parcel, Attempted attempted);

    Counts counts() const;
    /// Runs `done` with the deliveries, the newest first.
    void deliveries(DeliveriesWanted wanted, std::function<void(std::vector<Delivery>)> done);

    /// Sends a delivery again, with its webhook-id; one that waits, at once. What was for a URL that a reload corrected
    /// goes to the new one.
    void replay(std::int64_t delivery, std::function<void(Replayed)> done);

    /// Runs `done` when all that was handed over before is on disk, and with the carrier if it is due.
    void settle(std::function<void()> done);

    /// Commits what was handed over and ends the thread. What is under way is tried again by the next daemon.
    void stop();

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace dialhook::spool
