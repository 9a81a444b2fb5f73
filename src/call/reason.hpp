#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace dialhook {

/// Why a call takes the failure branch. One word each, the same in answers, logs, metrics and documentation.
enum class Reason : unsigned char
{
    nak,          ///< the web server said NAK
    err,          ///< the web server said ERR
    bad_reply,    ///< what came back is not a reply
    destination,  ///< the reply's destination is not among the webhook's `destinations`
    http_status,  ///< a status other than 2xx, without NAK or ERR in its body
    timeout,      ///< the webhook's `timeout` was over
    dns,          ///< the name could not be resolved, or not in time
    connect,      ///< refused, reset, unreachable, or closed before the whole reply was there
    tls,          ///< handshake, certificate or its host name
    egress,       ///< the address is closed by the egress rules
    redirect,     ///< too many, unusable, or down from https to http
    overload,     ///< more calls under way than the limits allow
    circuit_open, ///< the circuit breaker keeps dispatches from a web server that fails
    ivr_timeout,  ///< the caller entered no code in time, at the last attempt
    ivr_attempts, ///< the web server said NAK to the code of the last attempt
    shutdown,     ///< the daemon stopped before the web server answered
    internal      ///< a defect of the daemon, or the machine ran out of memory or descriptors
};

inline constexpr std::size_t reason_count = static_cast<std::size_t>(Reason::internal) + 1;

constexpr std::string_view to_string(Reason reason)
{
    constexpr std::array<std::string_view, reason_count> names{
        "nak",    "err",      "bad_reply", "destination",  "http_status", "timeout",      "dns",      "connect", "tls",
        "egress", "redirect", "overload",  "circuit_open", "ivr_timeout", "ivr_attempts", "shutdown", "internal"};
    return names[static_cast<std::size_t>(reason)];
}

} // namespace dialhook
