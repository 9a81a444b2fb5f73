#pragma once

#include "base/bounded_text.hpp"
#include "call/call_vars.hpp"
#include "call/presentation.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace dialhook::events {

/// What happens to a call.
enum class Kind : unsigned char
{
    created,
    ringing,
    answered,
    transferred,
    ended
};
inline constexpr std::size_t kind_count = static_cast<std::size_t>(Kind::ended) + 1;

enum class Direction : unsigned char
{
    inbound,
    outbound,
    internal
};

enum class Transfer : unsigned char
{
    attended, ///< after a word with the one who gets the call
    blind
};

/// Why a call ended.
enum class EndReason : unsigned char
{
    completed,
    busy,
    no_answer, ///< written `no-answer`
    cancelled,
    declined,
    failed,
    unknown ///< the engine said none, or fell silent
};

/// The name of a call that events are about.
using CallId = BoundedText<1, 256>;

inline constexpr std::size_t max_targets = 32;

/// What is known of a call. What was said once is known for its further events.
struct Facts
{
    std::optional<Direction> direction;
    CallText did;
    CallText callerid;
    CallerName callername;
    std::optional<Presentation> presentation;
    std::vector<CallText> targets; ///< who rings, at most `max_targets`
    CallText answered_by;
    CallText transferred_by;
    std::optional<Transfer> transfer;
    std::optional<EndReason> reason; ///< of the end alone
    CallVars vars;

    bool operator==(const Facts&) const = default;
};

/// What an engine says: one event of one call.
struct Report
{
    CallId call_id;
    Kind kind;
    std::optional<std::chrono::system_clock::time_point> at; ///< nullopt: now
    Facts facts;                                             ///< as the engine says them
    /// A question of the call (`call.route`), which counts as `created` unless the engine says so itself.
    bool is_implied = false;
    /// What the call's channel shows, which a dialplan may have changed since the call came in: it fills gaps alone.
    Facts shown = {};

    /// Returns the number that was called, as far as the report knows it.
    const CallText& did() const { return facts.did.empty() ? shown.did : facts.did; }
};

/// One event as receivers are told of it.
struct CallEvent
{
    CallId call_id;
    std::uint32_t seq; ///< from 1 within its call, without a gap
    Kind kind;
    std::chrono::system_clock::time_point at;
    Facts facts; ///< all that is known so far

    bool operator==(const CallEvent&) const = default;
};

} // namespace dialhook::events
