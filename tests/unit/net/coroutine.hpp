#pragma once

#include "net/loop/asio.hpp"

#include <boost/asio/co_spawn.hpp>

#include <exception>
#include <utility>

namespace dialhook::net {

/// Starts a coroutine, which `make` returns, on `context`; what it throws comes out of `context.run()`.
template <class Make>
void start(asio::io_context& context, Make make)
{
    asio::co_spawn(context.get_executor(), std::move(make), [](const std::exception_ptr& thrown) {
        if (thrown)
            std::rethrow_exception(thrown);
    });
}

} // namespace dialhook::net
