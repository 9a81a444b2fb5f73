#include "spool/keeper_rules.hpp"

#include <system_error>

#include <algorithm>
#include <iterator>
#include <utility>

// What operators ask for.
namespace dialhook::spool {
namespace {

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

Counts Keeper::counts() const
{
    const Now now;
    Counts counts;
    {
        const std::lock_guard lock(mutex_);
        // Those that a reload removed too: a counter that loses some of its URLs looks like a restart.
        for (const Schedule::TargetState& state : schedule_.targets())
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

Replayed Keeper::replay(std::int64_t delivery)
{
    const Now now;
    const bool is_in_memory = delivery >= first_in_memory;
    if (is_in_memory ? !memory_ : !file_)
        return Replayed::unknown;
    if (schedule_.find(delivery) != nullptr)
        return hurry(delivery, now);
    try {
        return send_again(delivery, now);
    } catch (const sqlite::Error& error) {
        fail_file(error, now);
        return Replayed::unknown;
    }
}

/// Of what waits or is under way.
Replayed Keeper::hurry(Id delivery, const Now& now)
{
    if (const auto refusal = refusal_of(schedule_.next_target(delivery)))
        return *refusal;
    const std::lock_guard lock(mutex_);
    schedule_.hurry(delivery, now.steady);
    return Replayed::again;
}

/// What was delivered or given up.
Replayed Keeper::send_again(Id delivery, const Now& now)
{
    Database& database = database_of(delivery);
    const std::int64_t row = row_of(delivery);
    auto found = database.find(row);
    if (!found)
        return Replayed::unknown;
    if (settings_.redact)
        database.mask(row); // the sweeps may not have come to it
    if (database.is_masked(row))
        return Replayed::masked;
    found->target = successor_of(std::move(found->target));
    if (const auto refusal = refusal_of(found->target))
        return *refusal;
    const auto lifetime = lifetime_of(*found);
    database.renew(row, found->target, now.system, now.system + lifetime);
    Schedule::Entry entry = entry_of(*found, now);
    entry.id = delivery;
    entry.attempts = 0;
    entry.due = now.steady;
    entry.expires = now.steady + lifetime;
    schedule({entry}, now);
    return Replayed::again;
}

std::optional<Replayed> Keeper::refusal_of(const DeliveryTarget& target) const
{
    if (target.is_webhook())
        return std::nullopt;
    const Schedule::TargetState* const state = schedule_.state_of(target);
    if (state == nullptr || !state->is_known)
        return Replayed::not_configured;
    return state->is_switched_off ? std::optional(Replayed::switched_off) : std::nullopt;
}

} // namespace dialhook::spool
