#pragma once

#include "egress/rules.hpp"
#include "nats/commands.hpp"
#include "net/dns/resolver.hpp"
#include "net/loop/poller.hpp"
#include "net/nats/nats_result.hpp"
#include "net/nats/nats_target.hpp"

#include <chrono>
#include <memory>

namespace dialhook::net {

/// Publishes to JetStream, for one thread, over one connection to one of the servers of a target.
///
/// The connection is opened by the first publication, and by the next one after it broke, at most once a `backoff`;
/// those that come before the next attempt is due fail at once. Who publishes tries again, with the same message id.
/// After a connection broke, the next server has its turn. NATS is dialled directly, whatever `egress.proxy` says.
class NatsClient
{
public:
    /// Conditions of one publication.
    struct Conditions
    {
        const egress::Rules& egress;
        std::chrono::milliseconds connect_timeout; ///< for each server: DNS, connect, TLS and login
    };

    /// `context`, `poller`, `wheel` and `resolver` outlive the last publication.
    NatsClient(asio::io_context& context, Poller& poller, TimerWheel& wheel, Resolver& resolver, NatsTarget target,
               NatsPace pace = {});

    /// Closes.
    ~NatsClient();
    NatsClient(const NatsClient&) = delete;
    NatsClient& operator=(const NatsClient&) = delete;

    /// Publishes, and waits for the acknowledgement, until `cancellation`. Any number may be under way. The caller
    /// keeps what `publication` and `conditions` refer to; the client may be gone before it is done.
    Awaitable<NatsResult> publish(nats::Publication publication, Conditions conditions, Cancellation& cancellation);

    /// Closes the connection. What is under way fails, and so does what comes.
    void close();

    const NatsTarget& target() const;

private:
    class Impl;
    std::shared_ptr<Impl> impl_;
};

} // namespace dialhook::net
