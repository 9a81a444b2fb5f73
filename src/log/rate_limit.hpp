#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace dialhook::log {

/// Rate limit for records that would flood a log: of one kind, writes the first record and then one a minute, with the
/// number since the last one. Any thread.
class RateLimit
{
public:
    using Clock = std::chrono::steady_clock;
    static constexpr std::chrono::seconds period{60};
    static constexpr std::size_t max_kinds = 1000; ///< bounds the memory, whatever names peers make up

    /// Returns the number of records of this kind since the last one written, including this one: 1 for the first.
    /// Returns nullopt if this one is suppressed.
    std::optional<std::uint64_t> next(std::string_view message, std::string_view kind, Clock::time_point now);

private:
    struct Kind
    {
        Clock::time_point written_at;
        std::uint64_t since = 0;
    };

    std::mutex mutex_;
    std::unordered_map<std::string, Kind> kinds_;
};

} // namespace dialhook::log
