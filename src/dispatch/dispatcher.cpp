#include "dispatch/decide.hpp"
#include "dispatch/redirect.hpp"
#include "dispatch/request_text.hpp"

#include <dialhook/dispatch/dispatcher.hpp>

#include <algorithm>

namespace dialhook::dispatch {
namespace {

using net::Phase;

/// A redirect that is not followed. A web server that says no with its redirect still says no.
Decision not_followed(const net::Response& response, const Webhook& webhook, const Firing& firing, std::string_view why)
{
    Decision decision = decide(response, webhook, firing);
    if (decision.status)
        return decision;
    Decision failure = Decision::failure(Reason::redirect);
    failure.http_status = response.status;
    failure.source = Source::url;
    failure.detail = why;
    return failure;
}

/// The request of one hop, as it goes out.
struct HopRequest
{
    net::Target target;
    std::string text;
};

/// What the webhook itself asks for.
std::string first_request(const Hook& hook, const Firing& firing)
{
    const Webhook& webhook = *hook.webhook;
    const Content content = content_of(webhook.request);
    std::string text;
    text.reserve(512);
    append_method(text, content);
    webhook.url.expand(values_of(firing), text);
    append_rest(text, hook.own_headers, content, webhook.request, firing);
    return text;
}

Hop first_hop(const Webhook& webhook, const Firing& firing)
{
    Hop hop{webhook.url.origin(), {}, content_of(webhook.request)};
    webhook.url.expand(values_of(firing), hop.target);
    return hop;
}

/// What a redirect asks for: with the webhook's headers and identity on its own origin, without them elsewhere.
HopRequest redirected_request(const Hook& hook, const Firing& firing, const Hop& hop)
{
    const bool is_own = hop.origin == hook.webhook->url.origin();
    HopRequest request{hook.target, {}};
    if (!is_own)
        request.target = {hop.origin.host, hop.origin.port, hop.origin.https ? hook.tls_elsewhere : nullptr};
    append_method(request.text, hop.content);
    request.text += hop.target;
    append_rest(request.text, is_own ? hook.own_headers : foreign_headers(hop.origin), hop.content,
                hook.webhook->request, firing);
    return request;
}

/// What is left of `connect_timeout` for the next hop: it is one for the whole try.
std::chrono::milliseconds connect_time_left(const Webhook& webhook, const net::Timing& timing)
{
    const auto spent = timing[Phase::dns] + timing[Phase::connect] + timing[Phase::tls];
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(webhook.connect_timeout - spent);
    return std::max(left, std::chrono::milliseconds(1));
}

} // namespace

net::Awaitable<Fired> Dispatcher::fire(const Snapshot& snapshot, const Hook& hook, Firing firing, net::Stop& stop)
{
    const net::TimePoint started_at = net::Clock::now();
    Fired fired(Decision::failure(Reason::overload));

    const InFlight place(*hook.state, hook.webhook->max_in_flight);
    if (place) {
        const net::Deadline deadline(wheel_, stop, started_at + hook.webhook->timeout);
        try {
            fired.decision = co_await ask(snapshot, hook, firing, stop, fired);
        } catch (const std::exception& error) { // memory that runs out must not cost a call its answer
            fired.decision = Decision::failure(Reason::internal);
            fired.decision.detail = error.what();
        }
    } else {
        fired.decision.detail = "max_in_flight firings of this webhook are under way";
    }
    fired.elapsed = net::Clock::now() - started_at;
    if (firing.explain)
        fired.tries.push_back({Source::url, fired.decision.reason(), fired.decision.http_status, fired.decision.detail,
                               fired.redirects, fired.elapsed});
    co_return fired;
}

net::Awaitable<Decision> Dispatcher::ask(const Snapshot& snapshot, const Hook& hook, const Firing& firing,
                                         net::Stop& stop, Fired& fired)
{
    const Webhook& webhook = *hook.webhook;
    const egress::Rules& rules = snapshot.configuration().egress;
    const bool is_repeatable = webhook.request == RequestKind::get;

    std::string text = first_request(hook, firing);
    net::Target target = hook.target;
    Hop hop;
    while (true) {
        const net::Conditions conditions{rules, connect_time_left(webhook, fired.timing)};
        auto exchange = co_await client_.exchange({target, text, is_repeatable}, conditions, stop, fired.timing);
        if (!exchange)
            co_return decide(exchange.error(), stop.cause());

        const net::Response& response = exchange->response();
        if (!is_redirect(response.status))
            co_return decide(response, webhook, firing);
        if (fired.redirects == webhook.redirects)
            co_return not_followed(response, webhook, firing, "there were more redirects than the webhook follows");
        if (fired.redirects == 0)
            hop = first_hop(webhook, firing);
        auto next = next_hop(hop, response.status, response.location);
        if (!next)
            co_return not_followed(response, webhook, firing, next.error().message);

        ++fired.redirects;
        hop = *std::move(next);
        HopRequest request = redirected_request(hook, firing, hop);
        target = std::move(request.target);
        text = std::move(request.text);
    }
}

} // namespace dialhook::dispatch
