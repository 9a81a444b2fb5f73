#pragma once

#include <string_view>

namespace dialhook::egress {

/// Returns whether resolvers could take a name for an IPv4 address in one of its old forms, since its last label is a
/// number: `2130706433`, `0x7f.1`, `0177.0.0.1`, `127.1.`. The name is in lower case.
bool ends_in_a_number(std::string_view name);

} // namespace dialhook::egress
