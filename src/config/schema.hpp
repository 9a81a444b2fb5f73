#pragma once

#include <string>

namespace dialhook::config {

/// Returns what config/dialhook.schema.json holds: a JSON Schema (draft 7) of the configuration, for editors. Made from
/// the tables that the loader reads with. It knows each key by itself; what keys mean together, the loader alone
/// judges.
std::string json_schema();

} // namespace dialhook::config
