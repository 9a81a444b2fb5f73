#pragma once

#include "dispatch/attempt.hpp"
#include "dispatch/dispatcher.hpp"

#include <string>

namespace dialhook::dispatch {

/// One try and what it is a part of.
struct TryOf
{
    const Snapshot& snapshot;
    const Hook& hook;
    const Endpoint& endpoint;
    const Firing& firing;
    const std::string& webhook_id; ///< of a signed request; the same in all tries of a firing
    Tally& tally;                  ///< of this thread
    WebhookTally& webhook_tally;   ///< of this thread and this webhook
};

/// One request with its redirects, on one of the `places` of the webhook. Always comes to an end, at the latest when
/// `stop` is requested.
net::Awaitable<Attempt> try_once(net::HttpClient& client, Places places, TryOf what, net::Stop& stop, Fired& fired);

} // namespace dialhook::dispatch
