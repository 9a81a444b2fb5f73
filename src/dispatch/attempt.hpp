#pragma once

#include "call/decision.hpp"

namespace dialhook::dispatch {

/// What follows an attempt: one row each of the table in docs/webhook-authors.md ("What follows a try").
enum class Outcome : unsigned char
{
    success,
    answered,  ///< NAK or ERR: an answer like any other, never asked again
    transient, ///< an HTTP failure that may be over the next moment: retried
    failed,    ///< another HTTP failure: the fallback may answer, the breaker counts it
    final      ///< asking again or elsewhere would not help
};

constexpr bool is_http_failure(Outcome outcome)
{
    return outcome == Outcome::transient || outcome == Outcome::failed;
}

/// How one attempt came out.
struct Attempt
{
    Decision decision;
    Outcome outcome;
};

} // namespace dialhook::dispatch
