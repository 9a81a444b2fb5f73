#include "delivery/judge.hpp"

#include "delivery/retry_after.hpp"
#include "spool/retry_pause.hpp"

#include <optional>
#include <utility>

namespace dialhook::delivery {
namespace {

using spool::Attempted;
using Outcome = Attempted::Outcome;

constexpr int gone = 410;
constexpr int too_many_requests = 429;
constexpr int unavailable = 503;

bool is_success(int status)
{
    return status / 100 == 2;
}

/// Returns whether a web server took the request: with 2xx, whatever the body, or with a no.
bool was_taken(const Decision& decision)
{
    const auto reason = decision.reason();
    if (!reason || *reason == Reason::nak || *reason == Reason::err)
        return true;
    return decision.http_status && is_success(*decision.http_status);
}

std::string text_of(const net::Failure& failure, net::CancelReason reason)
{
    if (failure.kind != net::FailureKind::cancelled)
        return failure.detail;
    if (reason == net::CancelReason::shutdown)
        return "the daemon stopped before there was an answer";
    return "no answer within `timeout`";
}

} // namespace

Attempted judge(const net::Response& response, std::chrono::system_clock::time_point now)
{
    Attempted attempted{Outcome::delivered, response.status, {}, {}};
    if (is_success(response.status))
        return attempted;
    attempted.outcome = response.status == gone ? Outcome::gone : Outcome::failed;
    attempted.detail = "HTTP status " + std::to_string(response.status);
    if (response.status == too_many_requests || response.status == unavailable)
        attempted.retry_after = read_retry_after(response.retry_after, now);
    return attempted;
}

Attempted judge(const net::Failure& failure, net::CancelReason reason)
{
    return failed(text_of(failure, reason));
}

Attempted judge(const Decision& decision)
{
    Attempted attempted{was_taken(decision) ? Outcome::delivered : Outcome::failed, decision.http_status, {}, {}};
    if (const auto reason = decision.reason())
        attempted.detail = std::string(to_string(*reason)) + (decision.detail.empty() ? "" : ": " + decision.detail);
    return attempted;
}

bool is_last(const spool::Parcel& parcel, std::chrono::system_clock::time_point now)
{
    return now + spool::retry_pause(parcel.attempt, 0) >= parcel.expires_at;
}

Attempted failed(std::string why)
{
    return {Outcome::failed, std::nullopt, std::nullopt, std::move(why)};
}

} // namespace dialhook::delivery
