#pragma once

#include "egress/rules.hpp"
#include "metrics/counter.hpp"
#include "net/dns/resolver.hpp"
#include "net/http/response.hpp"
#include "net/http/target.hpp"
#include "net/http/timing.hpp"
#include "net/loop/asio.hpp"
#include "net/loop/failure.hpp"
#include "net/loop/poller.hpp"
#include "net/loop/timer_wheel.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace dialhook::net {

class UpstreamConnection;

/// The bytes received for one request, for `dialhookctl try`.
struct Transcript
{
    std::string received;
};

/// What an exchange waits for.
enum class ResponseWanted : unsigned char
{
    whole,
    head ///< when the body breaks off or is late, what the head says counts: `Response::body_is_cut`
};

/// One request and its target.
struct HttpRequest
{
    const Target& target;
    std::string_view text; ///< head and body as sent

    /// Whether it may be sent again if a pooled connection breaks before the first byte of the reply, although the web
    /// server may have read it. Otherwise it is repeated only if none of it was sent.
    bool is_repeatable = true;

    Transcript* transcript = nullptr; ///< null: not wanted; outlives the exchange

    ResponseWanted wanted = ResponseWanted::whole;
};

/// Conditions for sending a request.
struct Conditions
{
    const egress::Rules& egress;
    std::chrono::milliseconds connect_timeout; ///< for DNS, connect and TLS together
};

/// A whole response. Returns its connection to the pool when destroyed.
class Exchange
{
public:
    explicit Exchange(std::shared_ptr<UpstreamConnection> connection);
    Exchange(Exchange&&) noexcept = default;
    Exchange& operator=(Exchange&&) = delete;
    ~Exchange();

    const Response& response() const;

private:
    std::shared_ptr<UpstreamConnection> connection_;
};

/// HTTP/1.1 client of one thread: a pool of keep-alive connections by target, one exchange at a time on each.
///
/// An exchange ends when the response is whole, when it fails, or when its `Cancellation` is requested, which closes
/// the connection. A pooled connection that the web server had closed is no failure: the request goes out on a fresh
/// one.
class HttpClient
{
public:
    /// `max_idle` limits the idle connections to all targets together; beyond it the one idle longest is evicted.
    /// Otherwise a web server whose redirects lead to ever new targets would use up all descriptors.
    HttpClient(asio::io_context& context, Poller& poller, TimerWheel& wheel, ResolverSettings settings,
               std::size_t max_idle);
    ~HttpClient();

    /// Sends `request`, which outlives the exchange.
    Awaitable<Result<Exchange>> exchange(const HttpRequest& request, Conditions conditions, Cancellation& cancellation,
                                         Timing& timing);

    /// Called for each connection to a target that ends; says whether it ever carried a request.
    using ConnectionEnded = std::function<void(bool was_used)>;

    /// Exempts `wanted` idle connections to `target` from `max_idle`, and calls `on_end` for each that ends, from
    /// within its end. 0 and null undo it.
    void keep_open(const Target& target, std::size_t wanted, ConnectionEnded on_end);

    /// Returns the number of open connections to `target`, idle and busy.
    std::size_t open_to(const Target& target) const;

    /// Opens an idle connection ahead of any request. Returns nullopt on success.
    Awaitable<std::optional<Failure>> open_ahead(const Target& target, Conditions conditions,
                                                 Cancellation& cancellation);

    /// Switches to other DNS servers, and evicts targets that are no longer used.
    void configure(ResolverSettings settings);

    /// Returns the counters. Any thread may read them.
    const ConnectionCounts& counts() const;

    /// Closes all idle connections.
    void close_idle();

    /// Closes idle connections and DNS. Exchanges under way end by their own `Cancellation`.
    void close();

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace dialhook::net
