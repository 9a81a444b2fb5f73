#pragma once

#include "config/configuration.hpp"
#include "config/key_table.hpp"
#include "config/load.hpp"
#include "config/secrets.hpp"

namespace dialhook::config {

const KeyTable<EngineTls>& engine_tls_keys();

/// Returns the keys of `server.engine_http` before its tokens are read, which takes the credentials.
const KeyTable<EngineHttpSettings>& engine_http_keys();

/// Reads `server.engine_http`.
EngineHttpSettings read_engine_http(const Value& value, Secrets& secrets, const Environment& environment);

} // namespace dialhook::config
