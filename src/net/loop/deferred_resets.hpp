#pragma once

#include "net/loop/asio.hpp"

#include <cstddef>
#include <vector>

namespace dialhook::net {

/// Resets the connections of exchanges that are broken off (RST, not FIN); when many are, after the calls have their
/// answers. A reset takes the kernel longer than the answer to its call takes: when a web server with thousands of
/// calls hangs, the last of them would wait for the sockets of all others.
class DeferredResets
{
public:
    /// How many are reset at once within `pause`. The others wait until none was added for as long, but no longer than
    /// `max_wait`.
    static constexpr std::size_t at_once = 16;
    static constexpr std::chrono::milliseconds pause{100};
    static constexpr std::chrono::milliseconds max_wait{300};

    explicit DeferredResets(asio::io_context& context)
        : alarm_(context)
    {
    }
    ~DeferredResets() { reset_all(); }
    DeferredResets(const DeferredResets&) = delete;
    DeferredResets& operator=(const DeferredResets&) = delete;

    /// Resets `socket` now or later. Nobody may use it any more.
    void reset(int socket);

    void reset_all();

private:
    bool keep(int socket);
    void wait_until(TimePoint at);
    void reset_portion();

    SteadyTimer alarm_;
    TimePoint moment_ends_at_{};
    TimePoint added_at_{};
    TimePoint max_wait_ends_at_{};
    std::size_t reset_in_moment_ = 0;
    std::vector<int> waiting_; ///< the alarm is set, or a portion posted, while there are any
};

} // namespace dialhook::net
