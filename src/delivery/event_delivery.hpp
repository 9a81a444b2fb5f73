#pragma once

#include "dispatch/dispatcher.hpp"
#include "dispatch/snapshot.hpp"
#include "net/http/http_client.hpp"
#include "net/loop/cancellation.hpp"
#include "spool/parcel.hpp"

#include <string>
#include <vector>

namespace dialhook::delivery {

/// One attempt at telling an event to one URL. What it refers to outlives it.
struct EventDelivery
{
    const dispatch::Snapshot& snapshot;
    const dispatch::ResolvedNotification& resolved;
    const dispatch::EventEndpoint& endpoint;
    const events::CallEvent& event;
    const std::string& webhook_id;
    std::vector<dispatch::ExchangeReport>* exchanges = nullptr; ///< gets each of them, if it is wanted
};

/// Sends the event and follows redirects as those of webhooks are followed. Ends at the latest when `cancellation` is
/// requested.
///
/// An answer counts only from where the event came: a redirect that took its body away (301 and 302, which turn a POST
/// into a GET, and any to another origin) would else lose events without a word. After a 303 the event has come, and
/// the GET fetches what the web server says to it (RFC 9110, 15.4.4): whatever comes of that, the event is delivered.
net::Awaitable<spool::Attempted> deliver(net::HttpClient& client, EventDelivery what, net::Cancellation& cancellation);

} // namespace dialhook::delivery
