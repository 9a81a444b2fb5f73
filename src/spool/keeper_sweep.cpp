#include "spool/keeper.hpp"

#include <algorithm>

// What time brings: calls that fell silent, and what is not kept any longer.
namespace dialhook::spool {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t max_bytes = std::uint64_t{1} << 30;
constexpr std::size_t at_once = 1000;

/// The two clocks never drift apart so far by themselves.
constexpr std::chrono::seconds is_set_clock = 10s;

std::chrono::milliseconds pause_of(const Settings& settings)
{
    return std::clamp<std::chrono::milliseconds>(std::min(settings.event_idle, settings.keep) / 4, 10ms, 60s);
}

} // namespace

void Keeper::sweep(const Now& now)
{
    bool is_all_done = !memory_ || forget(*memory_, now);
    if (file_)
        is_all_done = sweep_file(now) && is_all_done;
    sweep_at_ = is_all_done ? now.steady + pause_of(settings_) : now.steady;
}

/// Returns false if there is more to do at once.
bool Keeper::sweep_file(const Now& now)
{
    Made made;
    bool is_all_done = true;
    try {
        sqlite::Transaction transaction(file_->connection());
        amend();
        is_all_done = end_silent_calls(made, now);
        is_all_done = forget(*file_, now) && is_all_done;
        const auto unmasked_after = mask_more();
        transaction.commit();
        unmasked_after_ = unmasked_after;
        is_all_done = is_all_done && !unmasked_after_;
        amendments_.clear();
        compared_ = now;
        schedule(made.entries, now);
        file_->shrink();
    } catch (const sqlite::Error& error) {
        is_refused_ = true;
        fail_file(error, now);
        return true;
    }
    return is_all_done;
}

/// What is on disk is told by the system's clock. When that is set, no call becomes older or younger: what was written
/// before moves with it, and so this comes before all that is written after.
void Keeper::follow_clock(const Now& now)
{
    const auto set_by = std::chrono::duration_cast<std::chrono::microseconds>(
        (now.system - compared_.system) -
        std::chrono::duration_cast<SystemTime::duration>(now.steady - compared_.steady));
    if (std::chrono::abs(set_by) <= is_set_clock)
        return;
    compared_ = now;
    if (!file_) // when it is opened, its times are taken as they are
        return;
    amendments_.emplace_back([set_by](Database& database) { database.move_times(set_by); });
    for (Database::Change& change : file_changes_)
        change.at += set_by;
}

bool Keeper::end_silent_calls(Made& made, const Now& now)
{
    auto calls = file_->silent(now.system - settings_.event_idle, at_once);
    for (auto& [call_id, record] : calls) {
        const CallText first_did = record.first_did;
        const auto ended = events::end_in_silence(record, call_id, now.system);
        file_->put(call_id, record, now.system);
        add_deliveries(ended, first_did, made, now);
    }
    return calls.size() < at_once;
}

/// Returns after which content there may be more to mask, or nullopt.
std::optional<std::int64_t> Keeper::mask_more()
{
    return unmasked_after_ ? file_->mask_delivered(*unmasked_after_, at_once) : std::nullopt;
}

bool Keeper::forget(Database& database, const Now& now) const
{
    std::size_t most = database.forget_ended_calls(now.system - settings_.event_idle, at_once);
    most = std::max(most, database.forget_finished(now.system - settings_.keep, at_once));
    if (database.bytes_in_use() > max_bytes)
        most = std::max(most, database.forget_oldest_finished(at_once));
    return most < at_once;
}

} // namespace dialhook::spool
