#pragma once

#include "call/decision.hpp"

namespace dialhook::dispatch {

/// What follows an attempt: each value is a row of the table in docs/webhook-authors.md ("What follows an attempt").
enum class Outcome : unsigned char
{
    success,
    answered,  ///< NAK or ERR, or 2xx where no reply is wanted: an answer, never retried
    transient, ///< an HTTP failure that may be gone a moment later: retried
    failed,    ///< another HTTP failure: the fallback may answer, the breaker counts it
    final      ///< neither a retry nor the fallback would help
};

constexpr bool is_http_failure(Outcome outcome)
{
    return outcome == Outcome::transient || outcome == Outcome::failed;
}

/// Decision and outcome of one attempt.
struct Attempt
{
    Decision decision;
    Outcome outcome;
};

} // namespace dialhook::dispatch
