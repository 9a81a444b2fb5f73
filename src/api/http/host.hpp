#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace dialhook::status {

/// Returns whether a request with this Host header is meant for this daemon: a literal address, `localhost`, or one of
/// `names` (in lower case), each with or without a port. A page of a stranger whose name resolves to this machine ("DNS
/// rebinding") sends the stranger's name. Pure.
bool is_own_host(std::string_view host, const std::vector<std::string>& names);

} // namespace dialhook::status
