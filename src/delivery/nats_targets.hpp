#pragma once

#include "dispatch/snapshot.hpp"
#include "events/notification.hpp"
#include "net/dns/resolver.hpp"
#include "net/loop/poller.hpp"
#include "net/nats/nats_client.hpp"
#include "spool/parcel.hpp"

#include <memory>
#include <string>
#include <vector>

namespace dialhook::delivery {

/// One attempt at telling an event to a NATS URL. What it refers to outlives it.
struct NatsDelivery
{
    const dispatch::Snapshot& snapshot;
    const dispatch::ResolvedNotification& resolved;
    const events::NatsUrl& url;
    const events::CallEvent& event;
    const std::string& webhook_id;
};

/// Publishes events to NATS JetStream, for one thread: a client, with a connection, for the servers and the login of
/// each URL; URLs that differ in their subject alone share one.
class NatsTargets
{
public:
    NatsTargets(net::asio::io_context& context, net::Poller& poller, net::TimerWheel& wheel,
                net::ResolverSettings resolver);

    /// Publishes with the `webhook_id` as `Nats-Msg-Id`. It is delivered when JetStream acknowledges it, also as one
    /// that it has got before. Ends at the latest when `cancellation` is requested.
    net::Awaitable<spool::Attempted> deliver(NatsDelivery what, net::Cancellation& cancellation);

    /// Uses `snapshot` after a reload. Clients that it has no URL for end when nothing is under way on them.
    void use(const dispatch::Snapshot& snapshot, net::ResolverSettings resolver);

    /// Closes all connections. What is under way fails.
    void close();

private:
    std::shared_ptr<net::NatsClient> client_of(const dispatch::ResolvedNotification& resolved,
                                               const events::NatsUrl& url);

    net::asio::io_context& context_;
    net::Poller& poller_;
    net::TimerWheel& wheel_;
    net::Resolver resolver_;
    std::vector<std::shared_ptr<net::NatsClient>> clients_;
};

} // namespace dialhook::delivery
