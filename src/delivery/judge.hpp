#pragma once

#include "call/decision.hpp"
#include "net/http/response.hpp"
#include "net/loop/cancellation.hpp"
#include "net/loop/failure.hpp"
#include "spool/parcel.hpp"

#include <chrono>
#include <string>

/// What became of an attempt, by what came back. Pure.
namespace dialhook::delivery {

/// Judges an event that was sent to a web server: 2xx is delivered, 410 switches the notification off, all else is
/// tried again, after 429 and 503 when `Retry-After` says.
spool::Attempted judge(const net::Response& response, std::chrono::system_clock::time_point now);

/// Judges an event that got no response. `reason`: why it was cancelled, if it was.
spool::Attempted judge(const net::Failure& failure, net::CancelReason reason);

/// Judges a webhook that no call waits for: 2xx is delivered, whatever its body, and so is a no, whatever its status.
/// All else is tried again, as an event is: what can never pass is an operator's to see, until it expires.
spool::Attempted judge(const Decision& decision);

/// Returns whether the spool will not try again after this attempt at `now`, should it fail: the parcel expires before.
bool is_last(const spool::Parcel& parcel, std::chrono::system_clock::time_point now);

/// Returns an attempt that failed before anything was sent, or whose answer means nothing. `why` is a sentence.
spool::Attempted failed(std::string why);

} // namespace dialhook::delivery
