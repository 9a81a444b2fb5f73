#include "spool/keeper.hpp"

#include "events/words.hpp"
#include "spool/retry_pause.hpp"
#include "spool/spool_file.hpp"

#include <system_error>

#include <algorithm>
#include <set>
#include <type_traits>
#include <utility>

namespace dialhook::spool {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds ringing_lifetime = 1min;
constexpr std::chrono::milliseconds webhook_lifetime = 1h;
constexpr std::chrono::milliseconds open_again_after = 2s;
constexpr std::chrono::milliseconds write_again_after = 1s;

std::chrono::milliseconds lifetime(const events::Notification& notification, events::Kind kind)
{
    if (kind == events::Kind::ringing)
        return std::min(ringing_lifetime, notification.expires);
    return notification.expires;
}

/// Two calls that have the same one wait for each other, which hurts nobody. Never 0.
std::uint64_t order_of(std::string_view call_id)
{
    return std::hash<std::string_view>()(call_id) | 1U;
}

std::set<Target> targets_of(const events::Notification& notification)
{
    std::set<Target> targets;
    for (const events::NotificationUrl& url : notification.urls)
        targets.insert({notification.name.str(), events::shown(url)});
    return targets;
}

std::int64_t row_of(Schedule::Id id)
{
    return id >= Keeper::first_in_memory ? id - Keeper::first_in_memory : id;
}

template <typename Duration>
Duration clamped(Duration duration, std::type_identity_t<Duration> longest)
{
    return std::clamp(duration, Duration::zero(), std::max(longest, Duration::zero()));
}

std::uint64_t size_of(const std::filesystem::path& file)
{
    std::error_code missing;
    const auto size = std::filesystem::file_size(file, missing);
    return missing ? 0 : size;
}

TargetCounts counts_of(const Schedule::TargetState& state, const SystemTime& now, const Schedule::Time& steady_now)
{
    TargetCounts counts{.target = state.target,
                        .waiting = state.waiting,
                        .oldest = {},
                        .switched_off = state.is_switched_off,
                        .last_error = state.last_error};
    std::copy_n(state.results.begin(), counts.by_event.size(), counts.by_event.begin());
    for (const Results& results : state.results) {
        counts.delivered += results.delivered;
        counts.failed += results.failed;
        counts.expired += results.expired;
        counts.dropped += results.dropped;
    }
    if (state.oldest)
        counts.oldest = now - std::chrono::duration_cast<SystemTime::duration>(steady_now - *state.oldest);
    return counts;
}

} // namespace

Keeper::Keeper(Settings settings, log::Log& log)
    : log_(log)
    , settings_(std::move(settings))
    , path_(settings_.file)
{
    know_targets();
}

void Keeper::know_targets()
{
    std::set<Target> known;
    if (settings_.notifications)
        for (const events::Notification& notification : *settings_.notifications)
            known.merge(targets_of(notification));
    const std::lock_guard lock(mutex_);
    schedule_.configure(known);
}

void Keeper::configure(Settings settings)
{
    settings_ = std::move(settings);
    know_targets();
    if (!path_.empty())
        return;
    {
        const std::lock_guard lock(mutex_);
        path_ = settings_.file;
        fault_.clear(); // what is missing is said after each reload
    }
    open();
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
        file_->hear_no_later_than(now.system);
        std::vector<Schedule::Entry> waiting;
        file_->each_waiting([&](const Database::Waiting& found) { waiting.push_back(entry_of(found, now)); });
        schedule(waiting, now);
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
    const std::chrono::milliseconds longest_pause = waiting.attempts == 0 ? 0min : max_retry_after + 5min;
    const std::lock_guard lock(mutex_);
    return {.id = waiting.id,
            .target = schedule_.index_of(waiting.target),
            .kind = waiting.kind,
            .order = waiting.kind ? order_of(waiting.call_id) : 0,
            .attempts = waiting.attempts,
            .reported = now.steady - clamped(now.system - waiting.reported_at, lifetime),
            .due = now.steady + clamped(waiting.next_at - now.system, longest_pause),
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

void Keeper::work(const Batch& batch)
{
    const Now now;
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

void Keeper::finish(const Batch& batch)
{
    const Now now;
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
    if (!file_changes_.empty() && file_)
        at = std::min(at, changes_at_);
    if (carrier_ != nullptr)
        at = std::min(at, schedule_.wake_at().value_or(SteadyTime::max()));
    return at;
}

void Keeper::conclude(const Batch::Concluded& concluded, const Now& now)
{
    const auto place = under_way_.find(concluded.parcel);
    if (place == under_way_.end()) // of a file that was set aside
        return;
    const Schedule::Entry entry = *schedule_.find(place->second);
    under_way_.erase(place);
    const Attempted& attempted = concluded.attempted;
    if (attempted.outcome != Attempted::Outcome::delivered)
        return conclude_failure(entry, attempted, now);
    change({entry.id, Database::State::delivered, entry.attempts + 1, now.system, attempted.http_status,
            attempted.detail});
    const std::lock_guard lock(mutex_);
    if (entry.kind)
        seconds_[schedule_.target(entry.target).name].observe(now.steady - entry.reported);
    schedule_.delivered(entry.id, now.steady);
}

void Keeper::conclude_failure(const Schedule::Entry& entry, const Attempted& attempted, const Now& now)
{
    const unsigned attempts = entry.attempts + 1;
    std::chrono::milliseconds pause = retry_pause(attempts, static_cast<std::uint_fast32_t>(random_()));
    if (attempted.retry_after)
        pause = std::clamp<std::chrono::seconds>(*attempted.retry_after, 1s, max_retry_after);
    change({entry.id, Database::State::waiting, attempts, now.system + pause, attempted.http_status, attempted.detail});
    const Target& target = schedule_.target(entry.target);
    const bool is_gone = attempted.outcome == Attempted::Outcome::gone && !target.is_webhook();
    bool is_news = false;
    {
        const std::lock_guard lock(mutex_);
        schedule_.failed(entry.id, now.steady, {pause, attempted.retry_after.has_value()}, attempted.detail);
        is_news = is_gone && schedule_.switch_off(entry.id);
    }
    if (is_news)
        log_.write(log::Level::warning, "notification switched off until the configuration is reloaded",
                   {{"notification", target.name}, {"url", target.url}, {"detail", attempted.detail}});
}

void Keeper::expire(const Now& now)
{
    std::vector<Schedule::Entry> expired;
    {
        const std::lock_guard lock(mutex_);
        expired = schedule_.expire(now.steady);
    }
    for (const Schedule::Entry& entry : expired)
        lose(entry, Database::State::expired, "expired", now);
}

void Keeper::change(Database::Change change)
{
    const bool is_in_memory = change.id >= first_in_memory;
    change.id = row_of(change.id);
    (is_in_memory ? memory_changes_ : file_changes_).push_back(std::move(change));
}

void Keeper::lose(const Schedule::Entry& entry, Database::State state, std::string_view what, const Now& now)
{
    change({entry.id, state, std::nullopt, now.system, std::nullopt, {}});
    const Target& target = schedule_.target(entry.target);
    if (target.is_webhook())
        log_.write_summed(log::Level::warning, "background request dropped", target.name,
                          {{"webhook", target.name}, {"detail", what}});
    else
        log_.write_summed(
            log::Level::warning, "call event not delivered", target.name,
            {{"notification", target.name}, {"url", target.url}, {"event", to_string(*entry.kind)}, {"detail", what}});
}

void Keeper::store(const Batch& batch, const Now& now)
{
    Made made;
    const bool is_stored = store_in_file(batch, made, now);
    if (is_stored)
        schedule(made.entries, now);
    else
        store_in_memory(batch.later, now);
    if (!memory_changes_.empty())
        write(*memory_, std::exchange(memory_changes_, {}));
    answer(batch, is_stored, made);
}

/// Returns false, and nothing of the batch is in the file, if there is none or the disk refuses.
bool Keeper::store_in_file(const Batch& batch, Made& made, const Now& now)
{
    if (!file_)
        return false;
    const bool is_worth_a_write = !batch.reports.empty() || !batch.later.empty();
    if (!is_worth_a_write && (file_changes_.empty() || now.steady < changes_at_))
        return true;
    try {
        sqlite::Transaction transaction(file_->connection());
        write(*file_, file_changes_);
        for (const auto& reported : batch.reports)
            enter(reported.report, made, now);
        for (const auto& later : batch.later)
            add_webhook(*file_, later, made, now);
        transaction.commit();
    } catch (const sqlite::Error& error) {
        fail_file(error, now);
        return false;
    }
    file_changes_.clear();
    changes_at_ = SteadyTime::min();
    set_fault({});
    return true;
}

/// Webhooks go on while the disk is full.
void Keeper::store_in_memory(const std::vector<Batch::Later>& later, const Now& now)
{
    if (later.empty())
        return;
    if (!memory_)
        memory_ = std::make_unique<Database>(":memory:");
    Made made;
    for (const auto& webhook : later)
        add_webhook(*memory_, webhook, made, now);
    for (Schedule::Entry& entry : made.entries)
        entry.id += first_in_memory;
    schedule(made.entries, now);
}

void Keeper::answer(const Batch& batch, bool is_stored, const Made& made)
{
    const auto late = std::count(made.are_late.begin(), made.are_late.end(), true);
    if (is_stored && late > 0) {
        const std::lock_guard lock(mutex_);
        late_reports_ += static_cast<std::uint64_t>(late);
    }
    for (std::size_t index = 0; index < batch.reports.size(); ++index) {
        const StoredFunction& done = batch.reports[index].done;
        if (!done)
            continue;
        if (is_stored)
            done(made.are_late[index] ? Stored::dropped : Stored::stored, {});
        else
            done(Stored::failed, fault_);
    }
}

void Keeper::write(Database& database, const Changes& changes) const
{
    for (const Database::Change& change : changes) {
        database.write(change);
        if (settings_.redact && change.state == Database::State::delivered)
            database.mask(change.id);
    }
}

void Keeper::enter(const events::Report& report, Made& made, const Now& now)
{
    auto record = file_->call(report.call_id).value_or(events::CallRecord());
    const auto entered = events::enter(record, report, now.system);
    // A question after the end says nothing that could be late.
    made.are_late.push_back(entered.is_late && !report.is_implied);
    if (entered.is_late)
        return;
    file_->put(report.call_id, record, now.system);
    for (const events::Event& event : entered.events)
        add_deliveries(event, made, now);
}

void Keeper::add_deliveries(const events::Event& event, Made& made, const Now& now)
{
    if (!settings_.notifications)
        return;
    const std::string did_key = settings_.numbers.key(event.facts.did.view());
    std::optional<std::int64_t> content;
    for (const events::Notification& notification : *settings_.notifications) {
        if (!notification.wants(event.kind, did_key))
            continue;
        if (!content)
            content = file_->add_content(event);
        for (const Target& target : targets_of(notification))
            made.entries.push_back(added(*file_, *content, target, &event, lifetime(notification, event.kind), now));
    }
}

void Keeper::add_webhook(Database& database, const Batch::Later& later, Made& made, const Now& now)
{
    const auto content = database.add_content(later.call);
    made.entries.push_back(added(database, content, {later.webhook.str(), {}}, nullptr, webhook_lifetime, now));
}

Schedule::Entry Keeper::added(Database& database, std::int64_t content, const Target& target,
                              const events::Event* event, std::chrono::milliseconds lifetime, const Now& now)
{
    const std::int64_t id = database.add_delivery(content, target, now.system, now.system + lifetime);
    const std::lock_guard lock(mutex_);
    return {.id = id,
            .target = schedule_.index_of(target),
            .kind = event != nullptr ? std::optional(event->kind) : std::nullopt,
            .order = event != nullptr ? order_of(event->call_id.view()) : 0,
            .attempts = 0,
            .reported = now.steady,
            .due = now.steady,
            .expires = now.steady + lifetime};
}

void Keeper::schedule(const std::vector<Schedule::Entry>& entries, const Now& now)
{
    std::vector<Schedule::Entry> dropped;
    {
        const std::lock_guard lock(mutex_);
        for (const Schedule::Entry& entry : entries)
            if (const auto least = schedule_.add(entry))
                dropped.push_back(*least);
    }
    for (const Schedule::Entry& entry : dropped)
        lose(entry, Database::State::dropped, "too many wait", now);
}

void Keeper::carry()
{
    while (carrier_ != nullptr) {
        const Now now;
        std::optional<Schedule::Entry> entry;
        {
            const std::lock_guard lock(mutex_);
            entry = schedule_.take(now.steady);
        }
        if (!entry)
            return;
        auto parcel = parcel_of(*entry, now);
        if (!parcel)
            continue;
        parcel->id = next_parcel_++;
        parcel->attempt = entry->attempts + 1;
        under_way_.emplace(parcel->id, entry->id);
        carrier_->carry(*std::move(parcel));
    }
}

/// Returns nullopt if it cannot be read: now, or ever.
std::optional<Parcel> Keeper::parcel_of(const Schedule::Entry& entry, const Now& now)
{
    try {
        if (auto parcel = database_of(entry.id).parcel(row_of(entry.id)))
            return parcel;
    } catch (const sqlite::Error& error) {
        {
            const std::lock_guard lock(mutex_);
            schedule_.failed(entry.id, now.steady, {write_again_after}, error.what());
        }
        fail_file(error, now);
        return std::nullopt;
    }
    {
        const std::lock_guard lock(mutex_);
        schedule_.abandon(entry.id);
    }
    lose(entry, Database::State::dropped, "what is stored of it cannot be read", now);
    return std::nullopt;
}

Database& Keeper::database_of(Id id)
{
    return id >= first_in_memory ? *memory_ : *file_;
}

Counts Keeper::counts() const
{
    const Now now;
    Counts counts;
    {
        const std::lock_guard lock(mutex_);
        for (const Schedule::TargetState& state : schedule_.targets())
            if (state.is_known || state.waiting > 0)
                counts.targets.push_back(counts_of(state, now.system, now.steady));
        for (const auto& [notification, seconds] : seconds_)
            counts.seconds[notification].add(seconds);
        counts.late_reports = late_reports_;
        counts.has_file = !path_.empty();
        counts.is_durable = is_durable_;
        counts.fault = fault_;
        counts.bytes = size_of(path_) + size_of(path_.string() + "-wal");
    }
    return counts;
}

std::vector<Delivery> Keeper::deliveries(const DeliveriesWanted& wanted)
{
    std::vector<Delivery> found;
    if (memory_)
        found = memory_->deliveries(wanted);
    for (Delivery& delivery : found)
        delivery.id += first_in_memory;
    if (!file_)
        return found;
    try {
        auto in_file = file_->deliveries(wanted);
        std::move(in_file.begin(), in_file.end(), std::back_inserter(found));
    } catch (const sqlite::Error& error) {
        fail_file(error, Now());
    }
    found.resize(std::min(found.size(), wanted.limit));
    return found;
}

bool Keeper::replay(std::int64_t delivery)
{
    const Now now;
    const bool is_in_memory = delivery >= first_in_memory;
    if (is_in_memory ? !memory_ : !file_)
        return false;
    if (schedule_.find(delivery) != nullptr) {
        const std::lock_guard lock(mutex_);
        schedule_.hurry(delivery, now.steady);
        return true;
    }
    try {
        Database& database = database_of(delivery);
        auto found = database.find(row_of(delivery));
        if (!found)
            return false;
        const auto lifetime = found->expires_at - found->reported_at;
        database.renew(row_of(delivery), now.system, now.system + lifetime);
        Schedule::Entry entry = entry_of(*found, now);
        entry.id = delivery;
        entry.attempts = 0;
        entry.due = now.steady;
        entry.expires = now.steady + lifetime;
        schedule({entry}, now);
        return true;
    } catch (const sqlite::Error& error) {
        fail_file(error, now);
        return false;
    }
}

} // namespace dialhook::spool
