#pragma once

#include "config/secrets.hpp"
#include "webhook/policies.hpp"
#include "yaml/value.hpp"

#include <vector>

namespace dialhook::config {

/// Reads `secret`: one, a list of them, or `off`. What is wrong with a secret is never said in words that show it.
std::vector<SigningSecret> read_signing_secrets(const Value& value, Secrets& secrets);

} // namespace dialhook::config
