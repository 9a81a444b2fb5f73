#pragma once

#include "config/key_table.hpp"
#include "config/shared_values.hpp"
#include "webhook/webhook.hpp"

#include <memory>

namespace dialhook::config {

const KeyTable<TlsOptions>& tls_keys();

/// `tls` of a webhook; null for the defaults, also when there is a fault.
std::shared_ptr<const TlsOptions> read_tls(const Value& value, SharedValues& shared);

} // namespace dialhook::config
