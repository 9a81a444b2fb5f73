#pragma once

#include "net/loop/asio.hpp"

#include <optional>
#include <utility>

namespace dialhook::net {

/// Where one coroutine waits until another part of the same thread lets it go on.
///
/// `open` resumes the waiter at once, inside the call, without a turn of the event loop; what the waiter owns may be
/// gone when `open` returns. Opened before anybody waits, it stays open for the next waiter.
class Gate
{
public:
    bool is_open() const { return open_; }

    /// Waits until the gate is opened, and closes it behind the waiter. One waiter at a time.
    Awaitable<void> wait();

    /// Goes through an open gate, which closes it. The way of a call asks this first and then `until_opened`, which
    /// costs it a coroutine frame less than `wait`.
    bool pass() { return std::exchange(open_, false); }

    /// Waits at a closed gate.
    Awaitable<void> until_opened();

    void open();

private:
    using Handler = asio::async_result<UseAwaitable, void()>::handler_type;

    bool open_ = false;
    std::optional<Handler> waiter_;
};

} // namespace dialhook::net
