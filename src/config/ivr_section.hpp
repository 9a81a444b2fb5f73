#pragma once

#include "config/key_table.hpp"
#include "webhook/ivr.hpp"

#include <memory>

namespace dialhook::config {

const KeyTable<Ivr>& ivr_keys();

/// Reads the `ivr` of a webhook. Never null, so that what is wrong with it is not said again of `{code}`.
std::shared_ptr<const Ivr> read_ivr(const Value& value);

} // namespace dialhook::config
