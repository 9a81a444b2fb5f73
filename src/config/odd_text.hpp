#pragma once

#include "yaml/value.hpp"

namespace dialhook::config {

/// Warns of what comes out of word processors and chats and is hardly meant in a text: quotes at both ends, which are
/// none to YAML, invisible characters and blanks that are no spaces. Letters of any script may stand in it.
void warn_of_odd_text(const Value& scalar);

/// Warns of the same in the key of `value`.
void warn_of_odd_key(const Value& value);

} // namespace dialhook::config
