#include "spool/keeper_rules.hpp"

#include <algorithm>
#include <utility>

// What came in, written in one commit.
namespace dialhook::spool {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds webhook_lifetime = 1h;

} // namespace

std::chrono::milliseconds Keeper::lifetime_of(const Database::Waiting& delivery) const
{
    if (!delivery.kind)
        return webhook_lifetime;
    if (const auto* const notification = notification_of(settings_, delivery.target.name))
        return lifetime(*notification, *delivery.kind);
    return std::chrono::duration_cast<std::chrono::milliseconds>(delivery.expires_at - delivery.reported_at);
}

void Keeper::store(const SpoolBatch& batch, const Now& now)
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

/// Without a batch, as soon as `changes_at_`.
bool Keeper::has_to_write() const
{
    return !file_changes_.empty() || !amendments_.empty() || is_refused_;
}

/// Returns false, and nothing of the batch is in the file, if there is none or the disk refuses.
bool Keeper::store_in_file(const SpoolBatch& batch, Made& made, const Now& now)
{
    if (!file_)
        return false;
    const bool is_worth_a_write = !batch.reports.empty() || !batch.later.empty();
    if (!is_worth_a_write && (!has_to_write() || now.steady < changes_at_))
        return true;
    try {
        sqlite::Transaction transaction(file_->connection());
        if (is_refused_)
            file_->touch(); // that the disk takes it has to be seen
        amend();
        write(*file_, file_changes_);
        for (const auto& reported : batch.reports)
            enter(reported.report, made, now);
        for (const auto& later : batch.later)
            add_webhook(*file_, later, made, now);
        transaction.commit();
    } catch (const sqlite::Error& error) {
        is_refused_ = true;
        fail_file(error, now);
        return false;
    }
    is_refused_ = false;
    amendments_.clear();
    file_changes_.clear();
    changes_at_ = SteadyTime::min();
    set_fault({});
    return true;
}

/// Webhooks go on while the disk is full.
void Keeper::store_in_memory(const std::vector<SpoolBatch::Later>& later, const Now& now)
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

void Keeper::answer(const SpoolBatch& batch, bool is_stored, const Made& made)
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
        if (settings_.redact && change.state != Database::State::waiting)
            database.mask(change.id); // also the last to be given up, when another one was delivered
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
    for (const events::CallEvent& event : entered.events)
        add_deliveries(event, entered.first_did, made, now);
}

/// `first_did`: of the call. Its later events may name another number, and are for the same notifications all the same.
void Keeper::add_deliveries(const events::CallEvent& event, const CallText& first_did, Made& made, const Now& now)
{
    if (!settings_.notifications)
        return;
    const std::string did_key = settings_.numbers.key(first_did.view());
    std::optional<std::int64_t> content;
    for (const events::Notification& notification : *settings_.notifications) {
        if (!notification.wants(event.kind, did_key))
            continue;
        if (!content)
            content = file_->add_content(event);
        for (const DeliveryTarget& target : targets_of(notification))
            made.entries.push_back(added(*file_, *content, target, &event, lifetime(notification, event.kind), now));
    }
}

void Keeper::add_webhook(Database& database, const SpoolBatch::Later& later, Made& made, const Now& now)
{
    const auto content = database.add_content(later.call);
    made.entries.push_back(added(database, content, {later.webhook.str(), {}}, nullptr, webhook_lifetime, now));
}

Schedule::Entry Keeper::added(Database& database, std::int64_t content, const DeliveryTarget& target,
                              const events::CallEvent* event, std::chrono::milliseconds lifetime, const Now& now)
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

} // namespace dialhook::spool
