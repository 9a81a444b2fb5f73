#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace dialhook::log {

/// Sums up what would flood a log: of records of one kind, the first is written, and then one a minute with the number
/// of those since the last one. Any thread.
class RateLimit
{
public:
    using Clock = std::chrono::steady_clock;
    static constexpr std::chrono::seconds period{60};
    static constexpr std::size_t max_kinds = 1000; ///< so much is remembered, whatever strangers make up

    /// How many records of this kind there were since the last one that was written, this one included: 1 for the
    /// first. Nothing: this one is left out.
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
