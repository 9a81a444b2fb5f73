#pragma once

#include "lane.hpp"

#include <cstdint>
#include <memory>

namespace dialhook::log {

/// The calling thread's lane of the log `owner`, or null. The quick way: a look at one thread-local pair.
Lane* this_threads_lane(std::uint64_t owner) noexcept;

/// Keeps a lane for the calling thread; when the thread ends, so does the lane. False if the thread is already so far
/// gone that it keeps nothing any more.
bool keep_for_this_thread(std::shared_ptr<Lane> lane);

} // namespace dialhook::log
