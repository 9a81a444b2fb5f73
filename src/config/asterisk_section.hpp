#pragma once

#include "config/key_table.hpp"

#include <dialhook/config/configuration.hpp>

namespace dialhook::config {

const KeyTable<AsteriskSettings>& asterisk_keys();

} // namespace dialhook::config
