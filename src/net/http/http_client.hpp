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

/// The bytes that came back for one request, for a person to look at.
struct Transcript
{
    std::string received;
};

/// One request and where it goes.
struct HttpRequest
{
    const Target& target;
    std::string_view text; ///< head and body as sent

    /// Whether it may be sent again when a pooled connection breaks under it before a byte of the reply has come,
    /// though the web server may have read it. Without this only a request is repeated of which nothing had been sent.
    bool is_repeatable = true;

    Transcript* transcript = nullptr; ///< null: nobody looks; else it outlives the exchange
};

/// Under which conditions a request goes out.
struct Conditions
{
    const egress::Rules& egress;
    std::chrono::milliseconds connect_timeout; ///< for DNS, connect and TLS together
};

/// A whole response. The connection that it came on goes back to the pool when this object ends.
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

/// HTTP/1.1 for one thread: connections kept alive by target, and one exchange at a time on each.
///
/// Every exchange ends: when the response is whole, when something failed, or when its `Cancellation` is requested,
/// which closes what it was waiting for. A pooled connection that the web server had closed meanwhile is no failure:
/// the request goes out again on a fresh one.
class HttpClient
{
public:
    /// `max_idle`: so many connections may lie idle, to all targets together; beyond, the one that was not used for
    /// longest is closed. A web server whose redirects lead to ever other targets would take all descriptors otherwise.
    HttpClient(asio::io_context& context, Poller& poller, TimerWheel& wheel, ResolverSettings settings,
               std::size_t max_idle);
    ~HttpClient();

    /// `request` outlives it.
    Awaitable<Result<Exchange>> exchange(const HttpRequest& request, Conditions conditions, Cancellation& cancellation,
                                         Timing& timing);

    /// Told of each connection to a target that ends: whether it had ever carried a request.
    using ConnectionEnded = std::function<void(bool was_used)>;

    /// From now on `wanted` connections to `target` may lie idle, however many that is and whatever `max_idle` says,
    /// and `on_end` is told of each one that ends, from within its end. 0 and null: as before.
    void keep_open(const Target& target, std::size_t wanted, ConnectionEnded on_end);

    /// How many connections to `target` are open, idle and busy.
    std::size_t open_to(const Target& target) const;

    /// Opens a connection ahead of any request, and puts it among the idle ones. Nothing: it is there.
    Awaitable<std::optional<Failure>> open_ahead(const Target& target, Conditions conditions,
                                                 Cancellation& cancellation);

    /// Takes other DNS servers, and forgets what is kept of targets that nobody uses any more.
    void configure(ResolverSettings settings);

    /// Any thread may read them.
    const ConnectionCounts& counts() const;

    /// Closes the connections that are idle now.
    void close_idle();

    /// Closes idle connections and DNS; exchanges under way are ended by their own `Cancellation`.
    void close();

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace dialhook::net
