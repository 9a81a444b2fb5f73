#pragma once

#include <dialhook/call/decision.hpp>
#include <dialhook/dispatch/decision_log.hpp>
#include <dialhook/net/timing.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace dialhook::dispatch {

/// A decision that was made a while ago. Long texts are cut; a code, a URL, a header or a body is in none.
struct PastDecision
{
    std::uint64_t number = 0; ///< of its thread, from 1
    std::chrono::system_clock::time_point at;
    std::string call_id;
    std::string dialplan;
    std::string webhook; ///< empty: the dialplan has none, and nothing below `callername` is known
    std::string did;
    std::string callerid;
    std::string callername; ///< that the recipient of the call sees
    Branch branch = Branch::success;
    std::optional<Reason> reason;
    std::optional<Status> status;
    std::optional<int> http_status;
    Source source = Source::none;
    std::string destination;
    std::string detail;
    unsigned retries = 0;
    unsigned redirects = 0;
    std::chrono::microseconds elapsed{};
    std::array<std::chrono::microseconds, net::phase_names.size()> phases{};
};

/// The last decisions of one thread. That thread adds to them without waiting for anybody; any thread reads them, and
/// misses the ones that are overwritten meanwhile. Nothing is allocated on the way of a call.
class RecentDecisions
{
public:
    static constexpr std::size_t capacity = 512;

    void add(const RoutedCall& routed);

    /// How many were added.
    std::uint64_t latest() const { return added_.load(std::memory_order_acquire); }

    /// Those with a number above `after` that are still there, the oldest first.
    std::vector<PastDecision> since(std::uint64_t after) const;

private:
    static constexpr std::size_t words = 80;

    /// Written by one thread and read by others in words, so that a reader who comes too late notices it and nobody
    /// waits ("seqlock"; each store releases and each load acquires, which costs nothing on x86 and little elsewhere).
    struct Slot
    {
        std::atomic<std::uint64_t> number{0}; ///< 0: empty, or being written
        std::array<std::atomic<std::uint64_t>, words> content{};
    };

    using Words = std::array<std::uint64_t, words>;

    std::atomic<std::uint64_t> added_{0};
    std::array<Slot, capacity> slots_;
};

} // namespace dialhook::dispatch
