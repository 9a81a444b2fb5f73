#include "dispatch/run_attempt.hpp"

#include "dispatch/decide.hpp"
#include "dispatch/proxy_refusal.hpp"
#include "dispatch/redirect.hpp"
#include "dispatch/request_text.hpp"

#include <boost/static_string/static_string.hpp>

#include <algorithm>
#include <memory>
#include <utility>

namespace dialhook::dispatch {
namespace {

using net::Phase;

Attempt decision_of(const net::Response& response, const AttemptRun& what)
{
    return decide(response, *what.resolved.webhook, what.dispatch,
                  what.snapshot.configuration().server.numbers.plan.international);
}

/// Judges a redirect that is not followed. A NAK in its body still counts.
Attempt not_followed(const net::Response& response, const AttemptRun& what, std::string_view why)
{
    Attempt attempt = decision_of(response, what);
    if (attempt.decision.status)
        return attempt;
    Decision failure = Decision::failure(Reason::redirect);
    failure.http_status = response.status;
    failure.detail = why;
    return {std::move(failure), Outcome::final};
}

/// Returns how to sign, or nullopt without secrets. `target_at` is the offset of the target in the request.
std::optional<Signing> signing_of(const AttemptRun& what, std::size_t target_at)
{
    const Policies* const policies = what.resolved.webhook->policies.get();
    if (policies == nullptr || policies->secrets.empty())
        return std::nullopt;
    return Signing{policies->secrets, what.webhook_id, std::chrono::system_clock::now(), target_at};
}

/// The header lines of one dispatch: the one that hands the trace on, unless the webhook has a `traceparent` of its
/// own, and those that hold variables.
class OwnLines
{
public:
    OwnLines(const AttemptRun& what, const DispatchResult& result)
    {
        if (!what.endpoint.has_own_trace) {
            const auto value = traceparent(result.trace, result.span);
            trace_.append("traceparent: ").append(value.data(), value.size()).append("\r\n");
        }
        if (what.endpoint.has_header_templates) {
            all_ = std::string_view(trace_.data(), trace_.size());
            append_header_templates(all_, *what.resolved.webhook, what.dispatch);
        }
    }
    std::string_view view() const { return all_.empty() ? std::string_view(trace_.data(), trace_.size()) : all_; }

private:
    boost::static_string<72> trace_;
    std::string all_; ///< empty: there are no others
};

/// Returns the request to the webhook's own URL.
std::string first_request(const AttemptRun& what, const DispatchResult& result)
{
    const Webhook& webhook = *what.resolved.webhook;
    const Content content = content_of(webhook.request);
    std::string text;
    text.reserve(400);
    append_method(text, content);
    append_absolute_form(text, what.endpoint.target, what.endpoint.url->origin());
    const std::size_t target_at = text.size();
    what.endpoint.url->expand(values_of(webhook, what.dispatch), text);
    append_rest(text, what.endpoint.own_headers, content, webhook, what.dispatch, signing_of(what, target_at),
                OwnLines(what, result).view());
    return text;
}

Hop first_hop(const AttemptRun& what)
{
    Hop hop{what.endpoint.url->origin(), {}, content_of(what.resolved.webhook->request)};
    what.endpoint.url->expand(values_of(*what.resolved.webhook, what.dispatch), hop.target);
    return hop;
}

/// Current hop of an attempt: the webhook's own URL first, then where redirects lead.
class Course
{
public:
    Course(const AttemptRun& what, const DispatchResult& result)
        : what_(what)
        , result_(result)
        , text_(first_request(what, result))
    {
    }

    const net::Target& target() const { return redirected_ ? redirected_->target : what_.endpoint.target; }
    const std::string& text() const { return text_; }
    bool is_own() const { return !redirected_ || redirected_->hop.origin == what_.endpoint.url->origin(); }

    /// Follows the redirect of `response`. If that is impossible, returns why and stays.
    std::optional<BadRedirect> follow(const net::Response& response)
    {
        auto next = next_hop(redirected_ ? redirected_->hop : first_hop(what_), response.status, response.location);
        if (!next)
            return next.error();
        redirected_ = std::make_unique<Redirected>(Redirected{*std::move(next), what_.endpoint.target});
        if (!is_own()) {
            const Origin& origin = redirected_->hop.origin;
            redirected_->target = {origin.host, origin.port, origin.https ? what_.resolved.tls_elsewhere : nullptr,
                                   what_.endpoint.target.proxy};
        }
        text_ = redirected_request();
        return std::nullopt;
    }

private:
    struct Redirected
    {
        Hop hop;
        net::Target target;
    };

    /// With the webhook's headers, trace, signature and identity on its own origin, without them elsewhere.
    std::string redirected_request() const
    {
        const auto& [hop, target] = *redirected_;
        std::string text;
        append_method(text, hop.content);
        append_absolute_form(text, target, hop.origin);
        const std::size_t target_at = text.size();
        text += hop.target;
        append_rest(text, is_own() ? what_.endpoint.own_headers : foreign_headers(hop.origin, target), hop.content,
                    *what_.resolved.webhook, what_.dispatch, is_own() ? signing_of(what_, target_at) : std::nullopt,
                    is_own() ? OwnLines(what_, result_).view() : std::string_view());
        return text;
    }

    const AttemptRun& what_;
    const DispatchResult& result_;
    std::string text_;
    std::unique_ptr<Redirected> redirected_; ///< rare and large, so not in the frame of each hanging call
};

/// Returns the rest of `connect_timeout` for the next hop: all hops of an attempt share it.
std::chrono::milliseconds connect_time_left(const Webhook& webhook, const net::Timing& timing)
{
    const auto spent = timing[Phase::dns] + timing[Phase::connect] + timing[Phase::tls];
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(webhook.connect_timeout - spent);
    return std::max(left, std::chrono::milliseconds(1));
}

/// Adds timing and findings of one attempt to the result of its dispatch.
class AttemptRecorder
{
public:
    AttemptRecorder(const AttemptRun& what, DispatchResult& result)
        : what_(what)
        , result_(result)
        , started_at_(what.dispatch.explain ? net::Clock::now() : net::TimePoint())
    {
    }

    /// Returns its argument by reference: a decision has about 300 bytes, and each copy costs.
    Attempt&& end(Attempt&& attempt)
    {
        attempt.decision.source = attempt.decision.http_status ? what_.endpoint.source : Source::none;
        what_.metrics.observe(timing);
        if (attempt.decision.reason() == Reason::egress)
            what_.webhook_metrics.egress_denied.add();
        result_.redirects += redirects;
        for (std::size_t phase = 0; phase < net::phase_names.size(); ++phase)
            result_.timing[static_cast<Phase>(phase)] += timing[static_cast<Phase>(phase)];
        if (what_.dispatch.explain)
            result_.attempts.push_back({what_.endpoint.source, attempt.decision.reason(), attempt.decision.http_status,
                                        attempt.decision.detail, redirects, net::Clock::now() - started_at_,
                                        std::move(exchanges_)});
        return std::move(attempt);
    }

    /// Adds a report of one exchange, if the dispatch wants transcripts.
    void keep(const Course& course, net::Transcript& transcript, const net::Result<net::Exchange>& exchange)
    {
        if (!what_.dispatch.transcribe)
            return;
        const bool is_sound = exchange && !exchange->response().length_is_wrong; // otherwise the raw bytes are shown
        exchanges_.push_back({course.target().tls != nullptr, course.is_own(), course.text(),
                              std::move(transcript.received),
                              is_sound ? std::optional(exchange->response().body) : std::nullopt});
    }

    net::Timing timing;
    unsigned redirects = 0;

private:
    const AttemptRun& what_;
    DispatchResult& result_;
    net::TimePoint started_at_;
    std::vector<ExchangeReport> exchanges_;
};

} // namespace

net::Awaitable<Attempt> run_attempt(net::HttpClient& client, Permits permits, AttemptRun what,
                                    net::Cancellation& cancellation, DispatchResult& result)
{
    const Webhook& webhook = *what.resolved.webhook;
    const egress::Rules& rules = what.snapshot.configuration().egress;
    const bool is_repeatable = webhook.request == RequestKind::get || !what.webhook_id.empty();
    const auto wanted = what.dispatch.wants_reply() ? net::ResponseWanted::whole : net::ResponseWanted::head;

    AttemptRecorder record(what, result);
    net::Semaphore::Permit permit = permits.semaphore.try_acquire(permits.limit);
    if (!permit) {
        permit = co_await permits.semaphore.acquire(cancellation);
        if (!permit)
            co_return record.end(
                decide(net::Failure{net::FailureKind::cancelled, "max_connections are busy"}, cancellation.reason()));
    }
    Course course(what, result);
    while (true) {
        net::Transcript transcript;
        auto exchange = co_await client.exchange(
            {course.target(), course.text(), is_repeatable, what.dispatch.transcribe ? &transcript : nullptr, wanted},
            {rules, connect_time_left(webhook, record.timing)}, cancellation, record.timing);
        record.keep(course, transcript, exchange);
        if (!exchange)
            co_return record.end(decide(exchange.error(), cancellation.reason()));

        const net::Response& response = exchange->response();
        what.webhook_metrics.responses.count(response.status);
        if (const auto refusal = refusal_of_proxy(course.target(), response.status))
            co_return record.end(decide(*refusal, cancellation.reason()));
        if (!is_redirect(response.status))
            co_return record.end(decision_of(response, what));
        if (record.redirects == webhook.redirects)
            co_return record.end(not_followed(response, what, "more redirects than the webhook follows"));
        if (const auto nowhere = course.follow(response))
            co_return record.end(not_followed(response, what, nowhere->message));
        ++record.redirects;
    }
}

} // namespace dialhook::dispatch
