#pragma once

#include "call/numbers.hpp"
#include "dispatch/redirect.hpp"
#include "dispatch/snapshot.hpp"
#include "events/body.hpp"
#include "spool/parcel.hpp"

#include <chrono>
#include <cstdint>
#include <string>

/// An event as an HTTP request. Pure.
namespace dialhook::delivery {

/// What one attempt sends, whichever way redirects lead it.
class EventRequest
{
public:
    /// All are referred to, but for the event's body, which is written once.
    EventRequest(const dispatch::ResolvedNotification& resolved, const dispatch::EventEndpoint& endpoint,
                 const events::CallEvent& event, const std::string& webhook_id, const Numbers& numbers);

    /// Returns where it goes first: a POST to the URL itself.
    dispatch::Hop first_hop() const;

    /// Returns how to get to `hop`: with the notification's identity to its own origin alone.
    net::Target target_of(const dispatch::Hop& hop) const;

    /// Returns the request to `hop`, head and body. Headers, signature and body go to the URL's own origin alone. `now`
    /// is what the signature says.
    std::string text(const dispatch::Hop& hop, const net::Target& target,
                     std::chrono::system_clock::time_point now) const;

    /// Returns whether `hop` is on the URL's own origin.
    bool is_own(const dispatch::Hop& hop) const { return hop.origin == endpoint_.url->origin(); }

private:
    std::string event_lines() const;

    const dispatch::ResolvedNotification& resolved_;
    const dispatch::EventEndpoint& endpoint_;
    const std::string& webhook_id_;
    std::uint32_t seq_;
    events::EventBody body_;
};

} // namespace dialhook::delivery
