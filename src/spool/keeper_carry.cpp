#include "events/words.hpp"
#include "spool/keeper_rules.hpp"
#include "spool/retry_pause.hpp"

#include <algorithm>
#include <utility>

// What is carried, and what came of it.
namespace dialhook::spool {
namespace {

using namespace std::chrono_literals;

} // namespace

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
        if (auto parcel = database_of(entry.id).parcel(row_of(entry.id))) {
            parcel->target = schedule_.target(entry.target); // the file may not know yet that it was moved
            return parcel;
        }
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

void Keeper::conclude(const SpoolBatch::Concluded& concluded, const Now& now)
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
    const DeliveryTarget& target = schedule_.target(entry.target);
    const bool is_gone = attempted.outcome == Attempted::Outcome::gone && !target.is_webhook();
    bool is_news = false;
    {
        const std::lock_guard lock(mutex_);
        is_news = is_gone && schedule_.switch_off(entry.id); // before its target may change
        schedule_.failed(entry.id, now.steady, {pause, attempted.retry_after.has_value()}, attempted.detail);
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
    const DeliveryTarget& target = schedule_.target(entry.target);
    if (target.is_webhook())
        log_.write_summed(log::Level::warning, "background request dropped", target.name,
                          {{"webhook", target.name}, {"detail", what}});
    else
        log_.write_summed(
            log::Level::warning, "call event not delivered", target.name,
            {{"notification", target.name}, {"url", target.url}, {"event", to_string(*entry.kind)}, {"detail", what}});
}

} // namespace dialhook::spool
