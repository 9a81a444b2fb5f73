#pragma once

#include "log/field.hpp"

#include <functional>
#include <optional>

namespace dialhook::log {

/// Records that the log fetches by itself, every 25 ms, from where one thread leaves them without waiting. The log asks
/// on its own threads, one at a time.
class Feed
{
public:
    virtual ~Feed() = default;

    /// Begins a turn, which ends at the last record that is there now.
    virtual void begin() = 0;

    /// Returns the time of the turn's oldest record that was not taken; nullopt: there is none.
    virtual std::optional<Time> next() = 0;

    /// Calls `put` with the record whose time `next` returned.
    virtual void take(const std::function<void(const Record&)>& put) = 0;

    // --- Any thread.

    /// Returns whether all of its records were taken.
    virtual bool is_empty() const = 0;

    /// Returns how many of its records were overwritten before they were taken.
    virtual std::uint64_t dropped() const = 0;
};

} // namespace dialhook::log
