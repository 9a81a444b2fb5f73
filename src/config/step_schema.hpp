#pragma once

#include <nlohmann/json_fwd.hpp>

namespace dialhook::config {

/// Returns the definitions that the `dialplans` of the schema refer to: lists of steps before a webhook (`steps`) and
/// in its branches (`steps_on_success`, `steps_on_failure`).
nlohmann::ordered_json step_definitions();

} // namespace dialhook::config
