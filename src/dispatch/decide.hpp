#pragma once

#include "dispatch/attempt.hpp"
#include "dispatch/dispatch.hpp"
#include "net/http/response.hpp"
#include "net/loop/cancellation.hpp"
#include "net/loop/failure.hpp"
#include "webhook/webhook.hpp"

namespace dialhook::dispatch {

/// Returns the decision that a whole response makes. `international_prefix` is the configuration's. Pure.
Attempt decide(const net::Response& response, const Webhook& webhook, const Dispatch& dispatch,
               std::string_view international_prefix = {});

/// Returns the decision that a failed exchange makes. `reason` says why it was cancelled, if it was. Pure.
Attempt decide(const net::Failure& failure, net::CancelReason reason);

} // namespace dialhook::dispatch
