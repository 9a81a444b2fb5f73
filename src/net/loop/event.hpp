#pragma once

#include "net/loop/asio.hpp"

#include <optional>
#include <utility>

namespace dialhook::net {

/// Where one coroutine waits until another part of the same thread lets it go on.
///
/// `set` resumes the waiter at once, inside the call, without a turn of the event loop; what the waiter owns may be
/// gone when `set` returns. Opened before anybody waits, it stays open for the next waiter.
class Event
{
public:
    bool is_set() const { return is_set_; }

    /// Waits until the gate is opened, and closes it behind the waiter. One waiter at a time.
    Awaitable<void> wait();

    /// Goes through an open gate, which closes it. The way of a call asks this first and then `until_set`, which
    /// costs it a coroutine frame less than `wait`.
    bool consume() { return std::exchange(is_set_, false); }

    /// Waits at a closed gate.
    Awaitable<void> until_set();

    void set();

private:
    using Handler = asio::async_result<UseAwaitable, void()>::handler_type;

    bool is_set_ = false;
    std::optional<Handler> waiter_;
};

} // namespace dialhook::net
