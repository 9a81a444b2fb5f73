#pragma once

#include <string>
#include <string_view>

namespace dialhook::rpc {

/// Returns `line`, a JSON text that is not UTF-8, with the strings of its members `callerid` and `callername` turned
/// into UTF-8 (`text::utf8_or_windows_1252`): a PBX hands on what came over the telephone network, and no call may be
/// lost for a name. What is not UTF-8 elsewhere stays as it is.
std::string with_mended_names(std::string_view line);

} // namespace dialhook::rpc
