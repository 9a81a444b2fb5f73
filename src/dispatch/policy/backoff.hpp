#pragma once

#include <chrono>
#include <cstdint>

namespace dialhook::dispatch {

/// Returns how long to wait before retry number `retry` (from 0): anything up to 50 ms, doubled with every retry, 1 s
/// at most. The whole span is drawn from ("full jitter"), so that those who failed together do not come back together.
std::chrono::milliseconds backoff(unsigned retry, std::uint_fast32_t random);

} // namespace dialhook::dispatch
