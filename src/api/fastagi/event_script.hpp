#pragma once

#include "api/fastagi/environment.hpp"
#include "api/fastagi/script_parts.hpp"
#include "events/event.hpp"

#include <boost/system/result.hpp>

namespace dialhook::fastagi {

/// Returns whether the channel says an event, with `AGI(agi://HOST/event/NAME?…)`.
bool says_event(const AgiEnvironment& environment);

/// Reads the event: what the query says, and beside it what the channel shows, unless `call_id` names another one's
/// call: then this channel is a telephone's, and its number not the caller's. Of what is refused `why` is a sentence
/// for the author of Asterisk's dialplan. Pure.
boost::system::result<events::Report, Refused> read_event_script(const AgiEnvironment& environment);

} // namespace dialhook::fastagi
