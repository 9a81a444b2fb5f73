#pragma once

#include "events/event.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

namespace dialhook::events {

/// What is kept of a call: enough to make its next event of what an engine says.
struct CallRecord
{
    Facts facts;           ///< of a call that has ended: none
    std::uint32_t seq = 0; ///< of the newest event; 0: there was none yet
    bool has_ended = false;
    /// The number that the call's `created` had, if any. It tells which notifications the call is for, so that whoever
    /// was told of its beginning is told of its end; of a call that has ended: none.
    CallText first_did = {};

    bool operator==(const CallRecord&) const = default;
};

/// What one report adds.
struct LedgerEntry
{
    std::vector<CallEvent> events; ///< in their order; none of a second `created`
    bool is_late = false;          ///< it came after the call's end and was dropped
    CallText first_did = {};       ///< of the call, as its record had it before an end
};

/// Enters what an engine said into the record of the call. Receivers see one `created` first and one `ended` last: a
/// `created` is put before a first event of another kind, a second one adds no event, and nothing follows an `ended`.
LedgerEntry enter(CallRecord& record, const Report& report, std::chrono::system_clock::time_point now);

/// Ends a call that has not ended, whose engine fell silent.
CallEvent end_in_silence(CallRecord& record, const CallId& call_id, std::chrono::system_clock::time_point now);

} // namespace dialhook::events
