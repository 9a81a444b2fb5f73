#pragma once

#include "log/feed.hpp"
#include "log/wake_up.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace dialhook::log {

/// The feeds from which the log fetches records, and its wake-up.
class Feeds
{
public:
    // --- Any thread.

    void add(std::shared_ptr<Feed> feed);

    /// A feed has got a record, or with `fills` so many that it is worth coming at once.
    void fed(bool fills) noexcept
    {
        const auto state = wake_up_.state();
        if (state == WakeUp::asleep || (state == WakeUp::dozing && fills))
            wake_up_.wake();
    }

    bool are_empty() const;
    std::uint64_t dropped() const;
    WakeUp& wake_up() { return wake_up_; }

    // --- The log's threads, one at a time.

    /// Puts out what is there now and not younger than `until`, by time, so that the lines of several threads come out
    /// in order. Without `until` all of it, whatever a clock that was turned back may say.
    void fetch(std::optional<Time> until, const std::function<void(const Record&)>& put);

private:
    std::vector<std::shared_ptr<Feed>> all() const;

    WakeUp wake_up_;
    mutable std::mutex mutex_; // for the list; never taken on the way of a record
    std::vector<std::shared_ptr<Feed>> feeds_;
};

} // namespace dialhook::log
