#pragma once

#include "config/shared_values.hpp"
#include "yaml/value.hpp"

namespace dialhook::config {

/// `headers` of a webhook, secrets put in. Faults never show a value.
Headers read_headers(const Value& value, SharedValues& shared);

} // namespace dialhook::config
