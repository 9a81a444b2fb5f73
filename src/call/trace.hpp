#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace dialhook {

/// The trace that a call belongs to, in the sense of OpenTelemetry: what is kept of a `traceparent`.
struct Trace
{
    std::uint64_t high = 0; ///< the first half of the trace id
    std::uint64_t low = 0;  ///< the second one
    bool sampled = true;    ///< the trace's origin wants it recorded

    /// Returns the trace of a `traceparent` header as W3C Trace Context (level 1) defines it. Returns nullopt if it is
    /// none; as that specification asks, whoever read it begins a trace of its own.
    static std::optional<Trace> from(std::string_view traceparent);

    /// No trace has the id 0.
    bool is_known() const { return high != 0 || low != 0; }
};

/// Returns lower-case hexadecimal digits, the most significant first.
std::array<char, 32> trace_id(const Trace& trace);

/// Returns the value of a `traceparent` header for the request `span` (never 0) of `trace`.
std::array<char, 55> traceparent(const Trace& trace, std::uint64_t span);

} // namespace dialhook
