#pragma once

#include "call/decision.hpp"

#include <chrono>
#include <cstddef>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace dialhook::dispatch {

/// The last ACK replies of one webhook by expanded request, least recently used out first. What a dialplan makes of a
/// reply is not kept, so a prefix is never put before a prefix. Shared by all threads.
class ReplyCache
{
public:
    using Clock = std::chrono::steady_clock;

    static constexpr std::size_t max_entries = 10'000;
    static constexpr std::size_t max_bytes = 8 * 1024 * 1024; ///< about, keys and replies together

    /// Keeps `decision`, a success, for `request`.
    void keep(std::string_view request, const Decision& decision, Clock::time_point now);

    /// Returns what was kept for `request`, if it is not older than `age`.
    std::optional<Decision> find(std::string_view request, std::chrono::milliseconds age, Clock::time_point now);

    std::size_t size() const;

private:
    struct Entry
    {
        std::string request;
        Decision decision;
        Clock::time_point kept_at;
        std::size_t bytes;
    };
    using Entries = std::list<Entry>;

    void drop(Entries::iterator entry);

    mutable std::mutex mutex_;
    Entries entries_; ///< the most recently used one first
    std::unordered_map<std::string_view, Entries::iterator> by_request_;
    std::size_t bytes_ = 0;
};

} // namespace dialhook::dispatch
