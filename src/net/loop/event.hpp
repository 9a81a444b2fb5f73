#pragma once

#include "net/loop/asio.hpp"

#include <optional>
#include <utility>

namespace dialhook::net {

/// Auto-reset event for one coroutine and code on the same thread.
///
/// `set` resumes the waiter inside the call, without a turn of the event loop: what the waiter owns may be gone when
/// `set` returns. An event that is set while no coroutine waits stays set for the next one.
class Event
{
public:
    bool is_set() const { return is_set_; }

    /// Waits until the event is set, and resets it. One waiter at a time.
    Awaitable<void> wait();

    /// Resets the event and returns whether it was set. The path of a call asks this before `until_set`, which saves
    /// the coroutine frame of `wait`.
    bool consume() { return std::exchange(is_set_, false); }

    /// Waits until the event is set. It must not be set yet.
    Awaitable<void> until_set();

    void set();

private:
    using Handler = asio::async_result<UseAwaitable, void()>::handler_type;

    bool is_set_ = false;
    std::optional<Handler> waiter_;
};

} // namespace dialhook::net
