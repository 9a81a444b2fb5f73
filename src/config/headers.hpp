#pragma once

#include "config/shared_values.hpp"
#include "yaml/value.hpp"

namespace dialhook::config {

/// Reads `headers` of a webhook, secrets put in. Faults never show a value.
Headers read_headers(const Value& value, SharedValues& shared);

/// Reads the same of requests that tell no caller's variables apart: one in a value is a fault.
Headers read_fixed_headers(const Value& value, SharedValues& shared);

} // namespace dialhook::config
