#pragma once

#include "dispatch/attempt.hpp"
#include "dispatch/firing.hpp"
#include "net/http/response.hpp"
#include "net/loop/failure.hpp"
#include "net/loop/stop.hpp"
#include "webhook/webhook.hpp"

namespace dialhook::dispatch {

/// What a whole response means for the call. `international_prefix` is the configuration's. Pure.
Attempt decide(const net::Response& response, const Webhook& webhook, const Firing& firing,
               std::string_view international_prefix = {});

/// What a failed exchange means for the call; `cause` says why it was stopped, if it was. Pure.
Attempt decide(const net::Failure& failure, net::StopCause cause);

} // namespace dialhook::dispatch
