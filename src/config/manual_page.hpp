#pragma once

#include <string>

namespace dialhook::config {

/// Returns the manual page dialhook.yaml(5), in man(7), made from the tables that the loader reads with.
std::string manual_page();

} // namespace dialhook::config
