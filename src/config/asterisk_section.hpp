#pragma once

#include "config/configuration.hpp"
#include "config/key_table.hpp"

namespace dialhook::config {

const KeyTable<AsteriskSettings>& asterisk_keys();

} // namespace dialhook::config
