#include "net/http/http_client.hpp"

#include "base/lru_cache.hpp"
#include "net/http/connector.hpp"

#include <unordered_map>

namespace dialhook::net {

Exchange::Exchange(std::shared_ptr<UpstreamConnection> connection)
    : connection_(std::move(connection))
{
}

Exchange::~Exchange()
{
    if (connection_ && connection_->is_reusable())
        connection_->rest();
}

const Response& Exchange::response() const
{
    return connection_->response();
}

class HttpClient::Impl
{
public:
    Impl(asio::io_context& context, Poller& poller, TimerWheel& wheel, ResolverSettings settings, std::size_t max_idle)
        : pool_(std::make_shared<ConnectionPool>(max_idle))
        , resolver_(context, wheel, std::move(settings))
        , connector_(context, poller, wheel, resolver_)
    {
    }

    Awaitable<Result<Exchange>> exchange(const HttpRequest& request, Conditions conditions, Cancellation& cancellation,
                                         Timing& timing)
    {
        if (cancellation.requested())
            co_return Failure{FailureKind::cancelled, {}};
        const std::shared_ptr<PooledOrigin> origin = origin_of(request.target);
        std::shared_ptr<UpstreamConnection> connection = take_idle(*origin, request, conditions.egress);
        while (true) {
            const bool was_kept = connection != nullptr;
            if (!was_kept) {
                auto opened = co_await connector_.open(request.target, origin, conditions, cancellation, timing);
                if (!opened)
                    co_return opened.error();
                connection = *std::move(opened);
            }
            const auto failure = co_await connection->exchange(request, cancellation, timing);
            const bool is_stale = was_kept && (failure ? was_stale(*connection, *failure, request)
                                                       : waited_in_vain(connection->response()));
            if (!is_stale && failure)
                co_return *failure;
            if (!is_stale)
                co_return Exchange(std::move(connection));
            if (cancellation.requested())
                co_return Failure{FailureKind::cancelled, {}};
            if (request.transcript != nullptr)
                request.transcript->received.clear();
            connection->close();
            connection.reset();
        }
    }

    Awaitable<std::optional<Failure>> open_ahead(Target target, Conditions conditions, Cancellation& cancellation)
    {
        Timing not_a_call;
        auto opened = co_await connector_.open(target, origin_of(target), conditions, cancellation, not_a_call);
        if (!opened)
            co_return opened.error();
        if ((*opened)->is_open())
            (*opened)->rest();
        co_return std::nullopt;
    }

    void keep_open(const Target& target, std::size_t wanted, ConnectionEnded on_end)
    {
        const auto& origin = origin_of(target);
        origin->kept_open = wanted;
        origin->on_end = std::move(on_end);
        if (wanted == 0)
            kept_open_.erase(target);
        else
            kept_open_[target] = origin;
    }

    std::size_t open_to(const Target& target) const
    {
        const auto origin = origins_.find(target);
        return origin ? origin->open : 0;
    }

    void configure(ResolverSettings settings)
    {
        resolver_.configure(std::move(settings));
        origins_.drop_unheld();
    }

    const ConnectionCounts& counts() const { return pool_->counts; }

    void close_idle()
    {
        origins_.for_each([](PooledOrigin& origin) {
            while (!origin.idle.empty()) {
                const auto connection = origin.idle.back();
                connection->close();
            }
        });
    }

    void close()
    {
        close_idle();
        resolver_.close();
    }

private:
    /// Redirects may bring targets that no configuration has. An origin without a connection may hold a TLS session,
    /// which is as large as the web server likes: tens of kilobytes.
    static constexpr std::size_t many_origins = 2048;

    const std::shared_ptr<PooledOrigin>& origin_of(const Target& target)
    {
        return origins_.of(target, [this] { return std::make_shared<PooledOrigin>(pool_); });
    }

    /// Returns the idle connection used last, if the rules still allow its address.
    static std::shared_ptr<UpstreamConnection> take_idle(PooledOrigin& origin, const HttpRequest& request,
                                                         const egress::Rules& rules)
    {
        while (!origin.idle.empty()) {
            auto connection = std::move(origin.idle.back());
            origin.idle.pop_back();
            origin.pool->counts.idle.subtract();
            if (connection->wake(request.is_repeatable) &&
                connection->is_permitted(rules, request.target.host, request.target.proxy != nullptr))
                return connection;
            connection->close();
        }
        return nullptr;
    }

    /// Returns whether the web server had closed a pooled connection before it could have answered.
    static bool was_stale(const UpstreamConnection& connection, const Failure& failure, const HttpRequest& request)
    {
        return failure.kind == FailureKind::connect && !connection.reply_has_begun() &&
               (request.is_repeatable || !connection.request_has_begun());
    }

    /// Returns whether the web server was tired of waiting, and says so while the request is on its way. It has not
    /// taken it, so any request may go out again (RFC 9110, 15.5.9).
    static bool waited_in_vain(const Response& response) { return response.status == 408; }

    std::shared_ptr<ConnectionPool> pool_;
    Resolver resolver_;
    Connector connector_;
    LruCache<Target, PooledOrigin, Target::Hash> origins_{many_origins};
    std::unordered_map<Target, std::shared_ptr<PooledOrigin>, Target::Hash> kept_open_; ///< they are not forgotten
};

HttpClient::HttpClient(asio::io_context& context, Poller& poller, TimerWheel& wheel, ResolverSettings settings,
                       std::size_t max_idle)
    : impl_(std::make_unique<Impl>(context, poller, wheel, std::move(settings), max_idle))
{
}

HttpClient::~HttpClient() = default;

Awaitable<Result<Exchange>> HttpClient::exchange(const HttpRequest& request, Conditions conditions,
                                                 Cancellation& cancellation, Timing& timing)
{
    return impl_->exchange(request, conditions, cancellation, timing);
}

Awaitable<std::optional<Failure>> HttpClient::open_ahead(const Target& target, Conditions conditions,
                                                         Cancellation& cancellation)
{
    return impl_->open_ahead(target, conditions, cancellation);
}

void HttpClient::keep_open(const Target& target, std::size_t wanted, ConnectionEnded on_end)
{
    impl_->keep_open(target, wanted, std::move(on_end));
}

std::size_t HttpClient::open_to(const Target& target) const
{
    return impl_->open_to(target);
}

void HttpClient::close_idle()
{
    impl_->close_idle();
}

void HttpClient::configure(ResolverSettings settings)
{
    impl_->configure(std::move(settings));
}

const ConnectionCounts& HttpClient::counts() const
{
    return impl_->counts();
}

void HttpClient::close()
{
    impl_->close();
}

} // namespace dialhook::net
