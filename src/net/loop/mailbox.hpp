#pragma once

#include "net/loop/asio.hpp"

#include <functional>
#include <mutex>

namespace dialhook::net {

/// Where other threads leave work for the thread of an event loop. It may outlive the loop: what comes after `close` is
/// destroyed unused, by the thread that brought it. So what is posted refers to the loop's objects by `std::weak_ptr`.
class Mailbox
{
public:
    explicit Mailbox(asio::io_context& context)
        : context_(&context)
    {
    }

    /// Has the loop run `work`. Any thread.
    void post(std::function<void()> work);

    /// The loop takes nothing more. Its thread.
    void close();

private:
    std::mutex mutex_;
    asio::io_context* context_; ///< null: closed
};

} // namespace dialhook::net
