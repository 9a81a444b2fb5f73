#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <string_view>

namespace dialhook::net {

/// A stretch of an exchange, in the order in which they happen.
enum class Phase : unsigned char
{
    dns,
    connect,
    tls,
    send,
    wait,
    read
};

inline constexpr std::array<std::string_view, 6> phase_names{"dns", "connect", "tls", "send", "wait", "read"};

/// Where the time of a dispatch went, summed over its attempts and hops.
class Timing
{
public:
    using Duration = std::chrono::steady_clock::duration;

    Duration& operator[](Phase phase) { return spent_[static_cast<std::size_t>(phase)]; }
    Duration operator[](Phase phase) const { return spent_[static_cast<std::size_t>(phase)]; }

private:
    std::array<Duration, phase_names.size()> spent_{};
};

} // namespace dialhook::net
