#pragma once

#include "call/reason.hpp"

#include <string_view>

namespace dialhook::dispatch {

/// Returns what an operator does next about a webhook that fails for this reason; empty if nothing: it is an answer, or
/// a shutdown.
std::string_view hint_for(Reason reason);

} // namespace dialhook::dispatch
