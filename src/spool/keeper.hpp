#pragma once

#include "log/log.hpp"
#include "metrics/histogram.hpp"
#include "spool/database.hpp"
#include "spool/schedule.hpp"
#include "spool/spool.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace dialhook::spool {

/// What was handed to the spool since its thread last looked.
struct SpoolBatch
{
    struct Reported
    {
        events::Report report;
        StoredFunction done;
    };
    struct Later
    {
        WebhookName webhook;
        Call call;
    };
    struct Concluded
    {
        std::int64_t parcel;
        Attempted attempted;
    };

    std::vector<Reported> reports;
    std::vector<Later> later;
    std::vector<Concluded> concluded;
};

/// What the spool's thread does: one transaction for all that came, then the answers, then what is due. Only `counts`
/// may be called on another thread.
///
/// Deliveries are in the file; those of webhooks that came while it cannot be written are in a database in memory, and
/// their ids begin at `first_in_memory`. What happens to a delivery takes effect at once, and is written with the next
/// transaction: after a crash in between it is carried again.
class Keeper
{
public:
    using SteadyTime = std::chrono::steady_clock::time_point;

    static constexpr Schedule::Id first_in_memory = Schedule::Id{1} << 52;

    Keeper(Settings settings, log::Log& log);

    /// Opens the file. A disk that refuses is tried again by `work`.
    void open();
    void configure(Settings settings);
    void carry_to(Carrier& carrier) { carrier_ = &carrier; }

    /// Stores a batch, answers, carries what is due and does what time brings.
    void work(const SpoolBatch& batch);

    /// Stores what is left, and closes the file.
    void finish(const SpoolBatch& batch);

    /// Returns when there is something to do without a batch.
    SteadyTime wake_at() const;

    Counts counts() const;
    std::vector<Delivery> deliveries(const DeliveriesWanted& wanted);
    Replayed replay(std::int64_t delivery);

private:
    using Id = Schedule::Id;
    using Changes = std::vector<Database::Change>;
    /// What becomes of many rows of the file. It is written before all that is newer.
    using Amendment = std::function<void(Database&)>;

    /// Both clocks at one moment: pauses are measured by the one that is never set.
    struct Now
    {
        SteadyTime steady = std::chrono::steady_clock::now();
        SystemTime system = std::chrono::system_clock::now();
    };

    /// What a transaction makes, for the time after its commit.
    struct Made
    {
        std::vector<Schedule::Entry> entries = {};
        std::vector<bool> are_late = {}; ///< of each report
    };

    void open_file(const Now& now);
    void set_fault(std::string fault);
    void fail_file(const sqlite::Error& error, const Now& now);
    void know_targets(const Now& now);
    void change_what_waits(const Settings& before, const Now& now);
    void follow_corrected_url(const events::Notification& before, const events::Notification& after, const Now& now);
    void shorten(const events::Notification& before, const events::Notification& after);
    void amend() const;
    void mask_what_was_delivered();

    void conclude(const SpoolBatch::Concluded& concluded, const Now& now);
    void conclude_failure(const Schedule::Entry& entry, const Attempted& attempted, const Now& now);
    void expire(const Now& now);
    void change(Database::Change change);
    void lose(const Schedule::Entry& entry, Database::State state, std::string_view what, const Now& now);

    void store(const SpoolBatch& batch, const Now& now);
    bool has_to_write() const;
    bool store_in_file(const SpoolBatch& batch, Made& made, const Now& now);
    void store_in_memory(const std::vector<SpoolBatch::Later>& later, const Now& now);
    void answer(const SpoolBatch& batch, bool is_stored, const Made& made);
    void write(Database& database, const Changes& changes) const;
    void enter(const events::Report& report, Made& made, const Now& now);
    void add_deliveries(const events::CallEvent& event, const CallText& first_did, Made& made, const Now& now);
    Schedule::Entry added(Database& database, std::int64_t content, const DeliveryTarget& target,
                          const events::CallEvent* event, std::chrono::milliseconds lifetime, const Now& now);
    void add_webhook(Database& database, const SpoolBatch::Later& later, Made& made, const Now& now);
    void schedule(const std::vector<Schedule::Entry>& entries, const Now& now);
    Schedule::Entry entry_of(const Database::Waiting& waiting, const Now& now);
    DeliveryTarget successor_of(DeliveryTarget target) const;
    Replayed hurry(Id delivery, const Now& now);
    Replayed send_again(Id delivery, const Now& now);
    /// Returns why nothing is carried to a target; nullopt if something is.
    std::optional<Replayed> refusal_of(const DeliveryTarget& target) const;
    /// Returns how long a delivery waits from now on: as the configuration says, or as before if it no longer does.
    std::chrono::milliseconds lifetime_of(const Database::Waiting& delivery) const;

    void carry();
    std::optional<Parcel> parcel_of(const Schedule::Entry& entry, const Now& now);
    Database& database_of(Id id);

    void sweep(const Now& now);
    bool sweep_file(const Now& now);
    void follow_clock(const Now& now);
    bool end_silent_calls(Made& made, const Now& now);
    std::optional<std::int64_t> mask_more();
    bool forget(Database& database, const Now& now) const;

    log::Log& log_;
    Settings settings_;
    Carrier* carrier_ = nullptr;
    std::unique_ptr<Database> file_;   ///< null: it could not be opened, or there is none
    std::unique_ptr<Database> memory_; ///< made when it is needed
    Changes file_changes_;             ///< that are not written yet
    Changes memory_changes_;
    std::vector<Amendment> amendments_;                   ///< of the file, that are not written yet
    std::map<DeliveryTarget, DeliveryTarget> successors_; ///< the URLs by which reloads corrected others
    std::optional<std::int64_t> unmasked_after_;     ///< the last content that `redact` is done with; null: all are
    std::unordered_map<std::int64_t, Id> under_way_; ///< by the number of the parcel
    std::int64_t next_parcel_ = 1;
    std::minstd_rand random_{std::random_device{}()};
    SteadyTime open_at_ = SteadyTime::max();    ///< when the file is to be opened again
    bool is_refused_ = false;                   ///< a write failed, and none was made since
    SteadyTime changes_at_ = SteadyTime::min(); ///< before, changes alone are no reason to write: the disk refused
    SteadyTime sweep_at_ = SteadyTime::min();
    Now compared_; ///< the two clocks with each other

    mutable std::mutex mutex_;   ///< of what follows: this thread changes it, and others read it
    std::filesystem::path path_; ///< stays, once there is one
    Schedule schedule_;
    std::map<std::string, dispatch::Histogram> seconds_; ///< by notification, from report to delivery
    std::uint64_t late_reports_ = 0;
    std::string fault_;
    bool is_durable_ = false;
};

} // namespace dialhook::spool
