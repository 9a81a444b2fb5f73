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

/// Of an event that was sent to a web server: 2xx is delivered, 410 switches the notification off, all else is tried
/// again, after 429 and 503 when `Retry-After` says.
spool::Attempted judge(const net::Response& response, std::chrono::system_clock::time_point now);

/// Of an event that got no response. `reason`: why it was cancelled, if it was.
spool::Attempted judge(const net::Failure& failure, net::CancelReason reason);

/// Of a webhook that no call waits for: what may pass is tried again. An answer is an answer, a no too.
spool::Attempted judge(const Decision& decision);

/// Whether the spool will not try again after this attempt at `now`, should it fail: the parcel expires before.
bool is_last(const spool::Parcel& parcel, std::chrono::system_clock::time_point now);

/// An attempt that failed before anything was sent, or whose answer means nothing. `why` is a sentence.
spool::Attempted failed(std::string why);

} // namespace dialhook::delivery
