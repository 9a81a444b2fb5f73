#include "dispatch/decide.hpp"

#include "webhook/reply.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace dialhook::dispatch {
namespace {

constexpr int not_found = 404;

bool is_success(int http_status)
{
    return http_status >= 200 && http_status < 300;
}

bool allows_all(const DestinationPatterns& patterns, const Reply& reply, const Dispatch& dispatch)
{
    const Numbers unknown;
    const Numbers& numbers = dispatch.numbers == nullptr ? unknown : *dispatch.numbers;
    if (reply.ringing == nullptr || reply.ringing->destinations.empty())
        return allows(patterns, *reply.destination, numbers);
    return std::ranges::all_of(reply.ringing->destinations,
                               [&](const Destination& destination) { return allows(patterns, destination, numbers); });
}

/// Returns which branch the reply means, and why, without what it says besides.
Decision judged(const Reply& reply, const Webhook& webhook, const Dispatch& dispatch)
{
    switch (reply.status) {
    case Status::nak:
        return Decision::failure(Reason::nak);
    case Status::err:
        return Decision::failure(Reason::err);
    case Status::ack:
        break;
    }
    if (reply.destination && webhook.destinations && !allows_all(*webhook.destinations, reply, dispatch)) {
        Decision refused = Decision::failure(Reason::destination);
        refused.detail = "the reply's destination matches none of the webhook's destinations";
        return refused;
    }
    if (!reply.destination && dispatch.needs_destination) {
        Decision lacking = Decision::failure(Reason::bad_reply);
        lacking.detail = "the dialplan dials the reply's destination, but the reply has none";
        return lacking;
    }
    return Decision::success();
}

Decision decide_reply(Reply&& reply, const Webhook& webhook, const Dispatch& dispatch)
{
    Decision decision = judged(reply, webhook, dispatch);
    if (decision.branch() == Branch::success) {
        decision.destination = std::move(reply.destination);
        decision.ringing = std::move(reply.ringing);
    }
    decision.status = reply.status;
    decision.callername = std::move(reply.callername);
    decision.variables = std::move(reply.variables);
    return decision;
}

Decision bad_reply(std::string_view detail)
{
    Decision decision = Decision::failure(Reason::bad_reply);
    decision.detail = detail;
    return decision;
}

Decision decide_success(const net::Response& response, const Webhook& webhook, const Dispatch& dispatch,
                        std::string_view international_prefix)
{
    if (response.body_too_long)
        return bad_reply(to_string(BadReply{BadReply::Kind::too_long}));
    if (response.body_is_cut)
        return bad_reply("the body broke off");
    if (response.body_is_coded)
        return bad_reply("the body is compressed, which was not requested");
    if (response.length_is_wrong)
        return bad_reply("the body is longer than declared; Content-Length counts bytes, not characters");
    auto reply = Reply::read(response.body, international_prefix, webhook.reply_options());
    return reply ? decide_reply(*std::move(reply), webhook, dispatch) : bad_reply(to_string(reply.error()));
}

/// Returns the refusal that `response`, an error, holds. Of a look-up whose body is the name, 404 itself says it.
std::optional<Reply> refusal_in(const net::Response& response, const ReplyOptions& options)
{
    if (options.format == ReplyFormat::text)
        return response.status == not_found ? std::optional(Reply{Status::nak, {}, {}, {}, {}}) : std::nullopt;
    if (response.body_too_long || response.body_is_coded)
        return std::nullopt;
    auto reply = Reply::read(response.body, {}, options);
    return reply && reply->status != Status::ack ? std::optional(*std::move(reply)) : std::nullopt;
}

/// A web server that says no with 401 or 404 still says no; anything else is its failure, whatever the body holds.
Decision decide_error_status(const net::Response& response, const Webhook& webhook, const Dispatch& dispatch)
{
    if (auto reply = refusal_in(response, webhook.reply_options()))
        return decide_reply(*std::move(reply), webhook, dispatch);
    Decision decision = Decision::failure(Reason::http_status);
    decision.detail = "the web server answered with HTTP status " + std::to_string(response.status);
    return decision;
}

Reason reason_of(net::FailureKind kind, net::CancelReason reason)
{
    switch (kind) {
    case net::FailureKind::cancelled:
        return reason == net::CancelReason::deadline ? Reason::timeout : Reason::shutdown;
    case net::FailureKind::egress:
        return Reason::egress;
    case net::FailureKind::dns:
    case net::FailureKind::dns_timeout:
        return Reason::dns;
    case net::FailureKind::connect:
    case net::FailureKind::cut:
    case net::FailureKind::connect_timeout:
        return Reason::connect;
    case net::FailureKind::tls:
    case net::FailureKind::tls_timeout:
        return Reason::tls;
    case net::FailureKind::bad_reply:
        return Reason::bad_reply;
    case net::FailureKind::resources:
        return Reason::overload;
    }
    return Reason::internal;
}

Outcome outcome_of(net::FailureKind kind, net::CancelReason reason)
{
    switch (kind) {
    case net::FailureKind::connect:
    case net::FailureKind::dns_timeout:
        return Outcome::transient;
    case net::FailureKind::cancelled:
        return reason == net::CancelReason::deadline ? Outcome::failed : Outcome::final;
    case net::FailureKind::egress:
    case net::FailureKind::resources:
        return Outcome::final;
    case net::FailureKind::dns:
    case net::FailureKind::cut:
    case net::FailureKind::connect_timeout:
    case net::FailureKind::tls:
    case net::FailureKind::tls_timeout:
    case net::FailureKind::bad_reply:
        return Outcome::failed;
    }
    return Outcome::final;
}

Outcome outcome_of(const Decision& decision)
{
    const auto reason = decision.reason();
    if (!reason)
        return Outcome::success;
    if (*reason == Reason::nak || *reason == Reason::err)
        return Outcome::answered;
    if (*reason == Reason::destination)
        return Outcome::final;
    const bool is_overloaded =
        *reason == Reason::http_status && *decision.http_status >= 502 && *decision.http_status <= 504;
    return is_overloaded ? Outcome::transient : Outcome::failed;
}

} // namespace

Attempt decide(const net::Response& response, const Webhook& webhook, const Dispatch& dispatch,
               std::string_view international_prefix)
{
    Attempt attempt{is_success(response.status) ? decide_success(response, webhook, dispatch, international_prefix)
                                                : decide_error_status(response, webhook, dispatch),
                    Outcome::final};
    attempt.decision.http_status = response.status;
    attempt.decision.source = Source::url;
    const bool is_taken = is_success(response.status) && !dispatch.wants_reply();
    attempt.outcome = is_taken ? Outcome::answered : outcome_of(attempt.decision);
    return attempt;
}

Attempt decide(const net::Failure& failure, net::CancelReason reason)
{
    Decision decision = Decision::failure(reason_of(failure.kind, reason));
    decision.detail = failure.detail;
    return {std::move(decision), outcome_of(failure.kind, reason)};
}

} // namespace dialhook::dispatch
