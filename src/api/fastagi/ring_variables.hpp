#pragma once

#include "call/ringing.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dialhook::fastagi {

/// Returns the channel variables for a reply that says more of ringing than one destination, or none for `nullptr`.
/// `DIALHOOK_DESTINATIONS` has `&` between its destinations, as Dial has.
std::vector<std::pair<std::string_view, std::string>> ring_variables(const Ringing* ringing);

} // namespace dialhook::fastagi
