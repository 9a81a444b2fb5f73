#pragma once

#include "dialplan/step.hpp"
#include "yaml/value.hpp"

namespace dialhook::config {

/// Where a step stands: only after a success is there a reply to take a name or a destination from.
enum class StepPlace : unsigned char
{
    in_front,
    on_success,
    on_failure
};

/// Returns whether `item` of a list of steps is a webhook step.
bool is_webhook_step(const Value& item);

/// Reads one step that is not a webhook and appends it to `steps`. What the daemon does not know is handed on as it
/// stands.
void read_step(const Value& item, StepPlace place, dialplan::Steps& steps);

} // namespace dialhook::config
