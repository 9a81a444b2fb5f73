#pragma once

#include "dispatch/attempt.hpp"
#include "dispatch/dispatch.hpp"
#include "net/http/response.hpp"
#include "net/loop/cancellation.hpp"
#include "net/loop/failure.hpp"
#include "webhook/webhook.hpp"

namespace dialhook::dispatch {

/// What a whole response means for the call. `international_prefix` is the configuration's. Pure.
Attempt decide(const net::Response& response, const Webhook& webhook, const Dispatch& dispatch,
               std::string_view international_prefix = {});

/// What a failed exchange means for the call; `reason` says why it was stopped, if it was. Pure.
Attempt decide(const net::Failure& failure, net::CancelReason reason);

} // namespace dialhook::dispatch
