#pragma once

#include "net/loop/asio.hpp"

#include <cstddef>
#include <vector>

namespace dialhook::net {

/// Closes the sockets of exchanges that are broken off, when many are within a moment after the calls have their
/// answers. To reset a connection takes the kernel 10 µs, twice what the answer to its call takes: when a web server
/// with thousands of calls hangs, the last of them would wait for the sockets of all others.
class DeferredClose
{
public:
    /// How many are closed at once within `pause`; the others wait for its end.
    static constexpr std::size_t at_once = 16;
    static constexpr std::chrono::milliseconds pause{100};

    explicit DeferredClose(asio::io_context& context)
        : alarm_(context)
    {
    }
    ~DeferredClose() { close_all(); }
    DeferredClose(const DeferredClose&) = delete;
    DeferredClose& operator=(const DeferredClose&) = delete;

    /// Closes `socket` now, or keeps it for later. Returns whether it is kept: nobody may poll it any more.
    bool close(int socket);

    void close_all();

private:
    /// Of those that are closed in one turn of the event loop.
    static constexpr std::size_t portion = 2;

    bool is_one_of_few();
    void close_portion();

    SteadyTimer alarm_;
    TimePoint moment_ends_at_{};
    std::size_t closed_in_moment_ = 0;
    std::vector<int> waiting_; ///< the alarm is set, or a portion posted, while there are any
};

} // namespace dialhook::net
