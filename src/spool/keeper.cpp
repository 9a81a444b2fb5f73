#include "spool/keeper_rules.hpp"
#include "spool/retry_pause.hpp"
#include "spool/spool_file.hpp"

#include <algorithm>
#include <iterator>
#include <limits>
#include <set>
#include <type_traits>
#include <utility>

namespace dialhook::spool {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds open_again_after = 2s;

template <typename Duration>
Duration clamped(Duration duration, std::type_identity_t<Duration> longest)
{
    return std::clamp(duration, Duration::zero(), std::max(longest, Duration::zero()));
}

struct Correction
{
    DeliveryTarget from;
    DeliveryTarget to;
};

/// Returns nullopt unless exactly one URL went and exactly one came: else nobody can say which became which.
std::optional<Correction> correction(const events::Notification& before, const events::Notification& after)
{
    const std::set<DeliveryTarget> old_targets = targets_of(before);
    const std::set<DeliveryTarget> new_targets = targets_of(after);
    std::vector<DeliveryTarget> gone;
    std::vector<DeliveryTarget> come;
    std::set_difference(old_targets.begin(), old_targets.end(), new_targets.begin(), new_targets.end(),
                        std::back_inserter(gone));
    std::set_difference(new_targets.begin(), new_targets.end(), old_targets.begin(), old_targets.end(),
                        std::back_inserter(come));
    if (gone.size() != 1 || come.size() != 1)
        return std::nullopt;
    return Correction{gone.front(), come.front()};
}

} // namespace

Keeper::Keeper(Settings settings, log::Log& log)
    : log_(log)
    , settings_(std::move(settings))
    , path_(settings_.file)
{
    know_targets(Now());
}

void Keeper::know_targets(const Now& now)
{
    std::set<DeliveryTarget> known;
    if (settings_.notifications)
        for (const events::Notification& notification : *settings_.notifications)
            known.merge(targets_of(notification));
    for (const DeliveryTarget& target : known)
        successors_.erase(target);
    const std::lock_guard lock(mutex_);
    schedule_.configure(known, now.steady);
    schedule_.limit_webhooks(settings_.in_flight);
}

/// Ends: when one became the successor of another it was configured, and so had none itself.
DeliveryTarget Keeper::successor_of(DeliveryTarget target) const
{
    for (auto next = successors_.find(target); next != successors_.end(); next = successors_.find(target))
        target = next->second;
    return target;
}

void Keeper::configure(Settings settings)
{
    const Now now;
    const Settings before = std::exchange(settings_, std::move(settings));
    know_targets(now);
    change_what_waits(before, now);
    if (settings_.redact != before.redact)
        mask_what_was_delivered();
    if (!path_.empty())
        return;
    {
        const std::lock_guard lock(mutex_);
        path_ = settings_.file;
        fault_.clear(); // what is missing is said after each reload
    }
    open();
}

void Keeper::change_what_waits(const Settings& before, const Now& now)
{
    if (!settings_.notifications)
        return;
    for (const events::Notification& notification : *settings_.notifications)
        if (const auto* const old = notification_of(before, notification.name.str())) {
            follow_corrected_url(*old, notification, now);
            shorten(*old, notification);
        }
}

void Keeper::follow_corrected_url(const events::Notification& before, const events::Notification& after, const Now& now)
{
    const auto corrected = correction(before, after);
    if (!corrected)
        return;
    successors_.insert_or_assign(corrected->from, corrected->to);
    amendments_.emplace_back([corrected = *corrected, at = now.system](Database& database) {
        database.move_waiting(corrected.from, corrected.to, at);
    });
    const std::lock_guard lock(mutex_);
    schedule_.move(corrected->from, corrected->to, now.steady);
}

void Keeper::shorten(const events::Notification& before, const events::Notification& after)
{
    for (std::size_t number = 0; number < events::kind_count; ++number) {
        const auto kind = static_cast<events::Kind>(number);
        const Shortened shortened{after.name.str(), kind, lifetime(before, kind), lifetime(after, kind)};
        if (shortened.after >= shortened.before)
            continue;
        amendments_.emplace_back([shortened](Database& database) { database.shorten(shortened); });
        const std::lock_guard lock(mutex_);
        schedule_.shorten(shortened);
    }
}

/// In a transaction that is open.
void Keeper::amend() const
{
    for (const Amendment& amendment : amendments_)
        amendment(*file_);
}

/// What was delivered before `redact` was set is masked by the next sweeps: there may be a gigabyte of it in the file.
void Keeper::mask_what_was_delivered()
{
    unmasked_after_.reset();
    if (!settings_.redact)
        return;
    if (memory_)
        memory_->mask_delivered(0, std::numeric_limits<std::int64_t>::max());
    unmasked_after_ = 0;
    sweep_at_ = SteadyTime::min();
}

void Keeper::open()
{
    if (path_.empty())
        return set_fault(
            "there is no folder for call events; start dialhookd with --state FOLDER, or set `server.spool`");
    open_file(Now());
}

void Keeper::open_file(const Now& now)
{
    OpenedFile opened = open_spool_file(path_, now.system);
    if (!opened.set_aside.empty())
        log_.write(log::Level::error, "spool file set aside: what waited in it is not delivered",
                   {{"file", path_.string()}, {"set_aside", opened.set_aside}, {"detail", opened.why_set_aside}});
    file_ = std::move(opened.database);
    open_at_ = file_ ? SteadyTime::max() : now.steady + open_again_after;
    if (!file_)
        return set_fault(std::move(opened.fault));
    try {
        sqlite::Transaction transaction(file_->connection());
        amend(); // what was to be written before the disk refused
        file_->hear_no_later_than(now.system);
        transaction.commit();
        amendments_.clear();
        std::vector<Schedule::Entry> waiting;
        file_->each_waiting([&](const Database::Waiting& found) { waiting.push_back(entry_of(found, now)); });
        schedule(waiting, now);
        mask_what_was_delivered();
        set_fault({});
    } catch (const sqlite::Error& error) {
        fail_file(error, now);
        file_.reset(); // nothing of it is scheduled
        open_at_ = now.steady + open_again_after;
    }
}

/// The system's clock may have been set since: nothing waits longer than it would have from its beginning.
Schedule::Entry Keeper::entry_of(const Database::Waiting& waiting, const Now& now)
{
    const auto lifetime = waiting.expires_at - waiting.reported_at;
    const std::chrono::milliseconds max_pause = waiting.attempts == 0 ? 0min : max_retry_after + 5min;
    const std::lock_guard lock(mutex_);
    return {.id = waiting.id,
            .target = schedule_.index_of(waiting.target),
            .kind = waiting.kind,
            .order = waiting.kind ? order_of(waiting.call_id) : 0,
            .attempts = waiting.attempts,
            .reported = now.steady - clamped(now.system - waiting.reported_at, lifetime),
            .due = now.steady + clamped(waiting.next_at - now.system, max_pause),
            .expires = now.steady + clamped(waiting.expires_at - now.system, lifetime)};
}

void Keeper::set_fault(std::string fault)
{
    const bool was_durable = is_durable_;
    const bool was_said = !fault_.empty();
    {
        const std::lock_guard lock(mutex_);
        fault_ = std::move(fault);
        is_durable_ = fault_.empty();
    }
    if (is_durable_ && !was_durable && was_said)
        log_.write(log::Level::info, "call events are stored again", {{"file", path_.string()}});
    const bool matters = !path_.empty() || (settings_.notifications && !settings_.notifications->empty());
    if (!is_durable_ && !was_said && matters)
        log_.write(log::Level::warning, "call events cannot be stored", {{"detail", fault_}});
}

/// The disk is full, say. What was to be written is kept for the next time.
void Keeper::fail_file(const sqlite::Error& error, const Now& now)
{
    changes_at_ = now.steady + write_again_after;
    set_fault("the spool file " + path_.string() + " cannot be written: " + error.what());
    if (!error.is_broken_file())
        return;
    file_.reset();
    file_changes_.clear();
    std::erase_if(under_way_, [](const auto& parcel) { return parcel.second < first_in_memory; });
    open_at_ = now.steady;
    const std::lock_guard lock(mutex_);
    schedule_.forget_below(first_in_memory);
}

void Keeper::work(const SpoolBatch& batch)
{
    const Now now;
    follow_clock(now);
    if (now.steady >= open_at_)
        open_file(now);
    for (const auto& concluded : batch.concluded)
        conclude(concluded, now);
    expire(now);
    store(batch, now);
    carry();
    if (now.steady >= sweep_at_)
        sweep(now);
}

void Keeper::finish(const SpoolBatch& batch)
{
    const Now now;
    follow_clock(now);
    for (const auto& concluded : batch.concluded)
        conclude(concluded, now);
    changes_at_ = SteadyTime::min();
    store(batch, now);
    file_.reset();
    const auto lost = memory_ ? memory_->waiting_count() : 0;
    if (lost > 0)
        log_.write(log::Level::warning, "background requests dropped: they waited in memory", {{"count", lost}});
}

Keeper::SteadyTime Keeper::wake_at() const
{
    SteadyTime at = std::min(sweep_at_, open_at_);
    if (file_ && has_to_write())
        at = std::min(at, changes_at_);
    if (carrier_ != nullptr)
        at = std::min(at, schedule_.wake_at().value_or(SteadyTime::max()));
    return at;
}

Database& Keeper::database_of(Id id)
{
    return id >= first_in_memory ? *memory_ : *file_;
}

} // namespace dialhook::spool
