#pragma once

#include "config/key_table.hpp"
#include "config/shared_values.hpp"
#include "webhook/webhook.hpp"

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

namespace dialhook::config {

const KeyTable<TlsOptions>& tls_keys();

/// Reports `fault` of the mapping `value`. It begins with the file that it is about, and so stands at that of `keys`
/// which names it.
void name_tls_fault(const Value& value, const std::string& fault, std::initializer_list<std::string_view> keys);

/// Reads `tls` of a webhook; returns null for the defaults, also when there is a fault.
std::shared_ptr<const TlsOptions> read_tls(const Value& value, SharedValues& shared);

} // namespace dialhook::config
