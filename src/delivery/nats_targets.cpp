#include "delivery/nats_targets.hpp"

#include "delivery/judge.hpp"
#include "events/body.hpp"

#include <algorithm>
#include <utility>

namespace dialhook::delivery {
namespace {

using net::NatsTarget;

NatsTarget target_of(const dispatch::ResolvedNotification& resolved, const events::NatsUrl& url)
{
    NatsTarget target{{}, {url.user, url.password, url.token}, resolved.tls, resolved.notification->tls != nullptr};
    for (const auto& [host, port] : url.servers)
        target.servers.push_back({host, port});
    return target;
}

/// Returns what consumers know of a message without reading its body.
std::string header_lines(const NatsDelivery& what, std::string_view content_type)
{
    std::string lines = "Content-Type: ";
    lines.append(content_type).append("\r\n");
    // As over HTTP: its body has no member for it.
    if (what.resolved.notification->format == events::EventFormat::voys_v2)
        lines.append("webhook-sequence: ").append(std::to_string(what.event.seq)).append("\r\n");
    return lines;
}

spool::Attempted judge(const net::NatsResult& result)
{
    if (!result)
        return failed(result.error().detail.empty() ? "the daemon stopped before JetStream acknowledged it"
                                                    : result.error().detail);
    return {spool::Attempted::Outcome::delivered, std::nullopt, std::nullopt,
            "in the stream " + result->stream + " as " + std::to_string(result->sequence) +
                (result->is_duplicate ? ", which it was before" : "")};
}

} // namespace

NatsTargets::NatsTargets(net::asio::io_context& context, net::Poller& poller, net::TimerWheel& wheel,
                         net::ResolverSettings resolver)
    : context_(context)
    , poller_(poller)
    , wheel_(wheel)
    , resolver_(context, wheel, std::move(resolver))
{
}

net::Awaitable<spool::Attempted> NatsTargets::deliver(NatsDelivery what, net::Cancellation& cancellation)
{
    const events::Notification& notification = *what.resolved.notification;
    const auto& configuration = what.snapshot.configuration();
    const events::EventBody body =
        events::body_of(what.event, notification, what.webhook_id, configuration.server.numbers.plan);
    const std::string headers = header_lines(what, body.content_type);
    const auto client = client_of(what.resolved, what.url); // a reload may let go of it meanwhile
    const net::NatsResult result =
        co_await client->publish({what.url.subject, what.webhook_id, headers, body.text},
                                 {configuration.egress, notification.connect_timeout}, cancellation);
    co_return judge(result);
}

std::shared_ptr<net::NatsClient> NatsTargets::client_of(const dispatch::ResolvedNotification& resolved,
                                                        const events::NatsUrl& url)
{
    NatsTarget target = target_of(resolved, url);
    const auto found = std::ranges::find(
        clients_, target, [](const auto& client) -> auto& { return client->target(); });
    if (found != clients_.end())
        return *found;
    return clients_.emplace_back(
        std::make_shared<net::NatsClient>(context_, poller_, wheel_, resolver_, std::move(target)));
}

void NatsTargets::use(const dispatch::Snapshot& snapshot, net::ResolverSettings resolver)
{
    resolver_.configure(std::move(resolver));
    std::vector<NatsTarget> wanted;
    for (const dispatch::ResolvedNotification& resolved : snapshot.notifications())
        for (const events::NotificationUrl& url : resolved.notification->urls)
            if (const auto* const nats = std::get_if<events::NatsUrl>(&url))
                wanted.push_back(target_of(resolved, *nats));
    std::erase_if(clients_, [&wanted](const auto& client) {
        return std::ranges::find(wanted, client->target()) == wanted.end();
    });
}

void NatsTargets::close()
{
    for (const auto& client : clients_)
        client->close();
    resolver_.close();
}

} // namespace dialhook::delivery
