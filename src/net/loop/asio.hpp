#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

/// Asio with one concrete executor: every thread has one `io_context`, so nothing needs a type-erased one.
namespace dialhook::net {

namespace asio = boost::asio;
using boost::system::error_code;

using Executor = asio::io_context::executor_type;
using UseAwaitable = asio::use_awaitable_t<Executor>;

template <class T>
using Awaitable = asio::awaitable<T, Executor>;

/// Completion token: the error is a value of the result, `auto [error, size] = co_await …`.
inline constexpr asio::as_tuple_t<UseAwaitable> as_result{UseAwaitable{}};

using TcpSocket = asio::basic_stream_socket<asio::ip::tcp, Executor>;
using UnixSocket = asio::basic_stream_socket<asio::local::stream_protocol, Executor>;
using SteadyTimer =
    asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>;

using Clock = std::chrono::steady_clock;
using TimePoint = Clock::time_point;

} // namespace dialhook::net
