#pragma once

#include "net/http/target.hpp"
#include "net/loop/failure.hpp"

#include <optional>

namespace dialhook::dispatch {

/// Returns the failure that `status` of a response means when it comes from the proxy of `target`, not from a failing
/// web server (RFC 9110, 15.5.8).
std::optional<net::Failure> refusal_of_proxy(const net::Target& target, int status);

} // namespace dialhook::dispatch
