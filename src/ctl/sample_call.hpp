#pragma once

#include "ctl/command_line.hpp"

#include <nlohmann/json_fwd.hpp>

#include <chrono>

namespace dialhook::ctl {

/// The daemon keeps each webhook's own `timeout`, which may be long; this only ends the wait for a daemon that is
/// stuck.
constexpr auto dispatch_limit = std::chrono::minutes(10);

/// Returns the parameters of `call.route` and of `try` that tell of the call.
[[nodiscard]] nlohmann::ordered_json params_of(const SampleCall& call);

} // namespace dialhook::ctl
