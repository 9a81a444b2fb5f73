#pragma once

#include "dispatch/refused_requests.hpp"
#include "dispatch/snapshot.hpp"

#include <string>
#include <string_view>

namespace dialhook::dispatch {

/// Returns the webhook that `name` is most likely a misspelling of, or an empty text. Among many thousands it looks at
/// those that are near it in the order of names, so that it takes a millisecond at most: calls wait meanwhile.
std::string_view nearest_webhook(std::string_view name, const std::vector<ResolvedWebhook>& webhooks);

/// Returns the key of a dialplan that is `did` in another spelling of the same number or with one mistake in it, or an
/// empty text.
std::string nearest_number(std::string_view did, const dialplan::NumberPlan& plans);

/// Returns the known name that is most like the one that was asked for, or an empty text.
std::string nearest_name(const Refused& refused, const Snapshot& snapshot);

} // namespace dialhook::dispatch
