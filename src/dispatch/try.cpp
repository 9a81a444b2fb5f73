#include "dispatch/try.hpp"

#include "dispatch/decide.hpp"
#include "dispatch/redirect.hpp"
#include "dispatch/request_text.hpp"

#include <boost/static_string/static_string.hpp>

#include <algorithm>
#include <utility>

namespace dialhook::dispatch {
namespace {

using net::Phase;

/// A redirect that is not followed. A web server that says no with its redirect still says no.
Attempt not_followed(const net::Response& response, const TryOf& what, std::string_view why)
{
    Attempt attempt = decide(response, *what.hook.webhook, what.firing);
    if (attempt.decision.status)
        return attempt;
    Decision failure = Decision::failure(Reason::redirect);
    failure.http_status = response.status;
    failure.detail = why;
    return {std::move(failure), Outcome::final};
}

/// The request of one hop, as it goes out.
struct HopRequest
{
    net::Target target;
    std::string text;
};

/// `target_at`: where the target stands in the text of the request.
std::optional<Signing> signing_of(const TryOf& what, std::size_t target_at)
{
    const Policies* const policies = what.hook.webhook->policies.get();
    if (policies == nullptr || policies->secrets.empty())
        return std::nullopt;
    return Signing{policies->secrets, what.webhook_id, std::chrono::system_clock::now(), target_at};
}

/// The header line that hands the trace on, unless the webhook has a `traceparent` of its own.
class TraceLine
{
public:
    TraceLine(const Endpoint& endpoint, const Fired& fired)
    {
        if (endpoint.has_own_trace)
            return;
        const auto value = traceparent(fired.trace, fired.span);
        text_.append("traceparent: ").append(value.data(), value.size()).append("\r\n");
    }
    std::string_view view() const { return {text_.data(), text_.size()}; }

private:
    boost::static_string<72> text_;
};

/// What the webhook itself asks for.
std::string first_request(const TryOf& what, const Fired& fired)
{
    const RequestKind kind = what.hook.webhook->request;
    const Content content = content_of(kind);
    std::string text;
    text.reserve(512);
    append_method(text, content);
    append_absolute_form(text, what.endpoint.target, what.endpoint.url->origin());
    const std::size_t target_at = text.size();
    what.endpoint.url->expand(values_of(what.firing), text);
    append_rest(text, what.endpoint.own_headers, content, kind, what.firing, signing_of(what, target_at),
                TraceLine(what.endpoint, fired).view());
    return text;
}

Hop first_hop(const TryOf& what)
{
    Hop hop{what.endpoint.url->origin(), {}, content_of(what.hook.webhook->request)};
    what.endpoint.url->expand(values_of(what.firing), hop.target);
    return hop;
}

/// What a redirect asks for: with the webhook's headers, trace, signature and identity on its own origin, without them
/// elsewhere.
HopRequest redirected_request(const TryOf& what, const Hop& hop, const Fired& fired)
{
    const bool is_own = hop.origin == what.endpoint.url->origin();
    HopRequest request{what.endpoint.target, {}};
    if (!is_own)
        request.target = {hop.origin.host, hop.origin.port, hop.origin.https ? what.hook.tls_elsewhere : nullptr,
                          what.endpoint.target.proxy};
    append_method(request.text, hop.content);
    append_absolute_form(request.text, request.target, hop.origin);
    const std::size_t target_at = request.text.size();
    request.text += hop.target;
    append_rest(request.text, is_own ? what.endpoint.own_headers : foreign_headers(hop.origin, request.target),
                hop.content, what.hook.webhook->request, what.firing,
                is_own ? signing_of(what, target_at) : std::nullopt,
                is_own ? TraceLine(what.endpoint, fired).view() : std::string_view());
    return request;
}

/// It is the proxy that asks for credentials, and no web server that failed (RFC 9110, 15.5.8).
constexpr int proxy_authentication_required = 407;

net::Failure refused_by_proxy(const net::Target& target)
{
    return {net::FailureKind::cut, "the proxy " + target.proxy->host +
                                       " wants credentials (407); put them into egress.proxy, http://USER:PASSWORD@…"};
}

/// What is left of `connect_timeout` for the next hop: it is one for the whole try.
std::chrono::milliseconds connect_time_left(const Webhook& webhook, const net::Timing& timing)
{
    const auto spent = timing[Phase::dns] + timing[Phase::connect] + timing[Phase::tls];
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(webhook.connect_timeout - spent);
    return std::max(left, std::chrono::milliseconds(1));
}

/// Adds what one try took and found to what is told of its firing.
class Record
{
public:
    Record(const TryOf& what, Fired& fired)
        : what_(what)
        , fired_(fired)
        , started_at_(what.firing.explain ? net::Clock::now() : net::TimePoint())
    {
    }

    /// Hands on what it is given: a decision is some three hundred bytes, and each copy of it costs.
    Attempt&& end(Attempt&& attempt)
    {
        attempt.decision.source = attempt.decision.http_status ? what_.endpoint.source : Source::none;
        what_.tally.observe(timing);
        if (attempt.decision.reason() == Reason::egress)
            what_.webhook_tally.egress_denied.add();
        fired_.redirects += redirects;
        for (std::size_t phase = 0; phase < net::phase_names.size(); ++phase)
            fired_.timing[static_cast<Phase>(phase)] += timing[static_cast<Phase>(phase)];
        if (what_.firing.explain)
            fired_.tries.push_back({what_.endpoint.source, attempt.decision.reason(), attempt.decision.http_status,
                                    attempt.decision.detail, redirects, net::Clock::now() - started_at_,
                                    std::move(legs_)});
        return std::move(attempt);
    }

    /// Keeps what one request came to, if somebody looks.
    void keep(const net::Target& target, bool is_own, std::string_view request, net::Transcript& transcript,
              const net::Result<net::Exchange>& exchange)
    {
        if (what_.firing.transcribe)
            legs_.push_back({target.tls != nullptr, is_own, std::string(request), std::move(transcript.received),
                             exchange ? std::optional(exchange->response().body) : std::nullopt});
    }

    net::Timing timing;
    unsigned redirects = 0;

private:
    const TryOf& what_;
    Fired& fired_;
    net::TimePoint started_at_;
    std::vector<Leg> legs_;
};

} // namespace

net::Awaitable<Attempt> try_once(net::HttpClient& client, Places places, TryOf what, net::Stop& stop, Fired& fired)
{
    const Webhook& webhook = *what.hook.webhook;
    const egress::Rules& rules = what.snapshot.configuration().egress;
    const bool is_repeatable = webhook.request == RequestKind::get || !what.webhook_id.empty();

    Record record(what, fired);
    net::Slots::Taken place = places.slots.take_at_once(places.limit);
    if (!place) {
        place = co_await places.slots.wait(stop);
        if (!place)
            co_return record.end(
                decide(net::Failure{net::FailureKind::stopped, "max_connections are busy"}, stop.cause()));
    }
    std::string text = first_request(what, fired);
    net::Target target = what.endpoint.target;
    Hop hop;
    bool is_own = true;
    while (true) {
        const net::Conditions conditions{rules, connect_time_left(webhook, record.timing)};
        net::Transcript transcript;
        const net::Request request{target, text, is_repeatable, what.firing.transcribe ? &transcript : nullptr};
        auto exchange = co_await client.exchange(request, conditions, stop, record.timing);
        record.keep(target, is_own, text, transcript, exchange);
        if (!exchange)
            co_return record.end(decide(exchange.error(), stop.cause()));

        const net::Response& response = exchange->response();
        what.webhook_tally.responses.count(response.status);
        if (target.proxy && response.status == proxy_authentication_required)
            co_return record.end(decide(refused_by_proxy(target), stop.cause()));
        if (!is_redirect(response.status))
            co_return record.end(decide(response, webhook, what.firing));
        if (record.redirects == webhook.redirects)
            co_return record.end(not_followed(response, what, "there were more redirects than the webhook follows"));
        if (record.redirects == 0)
            hop = first_hop(what);
        auto next = next_hop(hop, response.status, response.location);
        if (!next)
            co_return record.end(not_followed(response, what, next.error().message));

        ++record.redirects;
        hop = *std::move(next);
        is_own = hop.origin == what.endpoint.url->origin();
        HopRequest next_request = redirected_request(what, hop, fired);
        target = std::move(next_request.target);
        text = std::move(next_request.text);
    }
}

} // namespace dialhook::dispatch
