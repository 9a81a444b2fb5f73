#pragma once

#include "api/fastagi/environment.hpp"
#include "api/fastagi/script_parts.hpp"
#include "events/event.hpp"

#include <boost/system/result.hpp>

namespace dialhook::fastagi {

/// Whether the channel says an event, with `AGI(agi://HOST/event/NAME?…)`.
bool says_event(const AgiEnvironment& environment);

/// Reads the event. What the query does not say comes from the channel, unless `call_id` names another one's call: then
/// this channel is a telephone's, and its number not the caller's. Of what is refused `why` is a sentence for the
/// author of Asterisk's dialplan. Pure.
boost::system::result<events::Report, Refused> read_event_script(const AgiEnvironment& environment);

} // namespace dialhook::fastagi
