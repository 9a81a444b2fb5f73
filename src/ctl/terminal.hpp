#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace dialhook::ctl {

/// Returns `text` with everything made visible that a terminal would obey instead of show: control characters (C0, DEL,
/// C1), line and paragraph separators, characters that change the direction of writing, and bytes that are not UTF-8.
/// They become `\n`, `\t`, `\r`, `\x1b` or `\u{202e}`. Names of callers and replies of web servers come from strangers:
/// whatever goes to a terminal passes here first. The result holds no line end.
[[nodiscard]] std::string harmless(std::string_view text);

/// Returns how many columns a harmless text takes: code points, combining marks left out.
[[nodiscard]] std::size_t columns(std::string_view text);

/// Rows under a heading, each column as wide as its widest cell and two spaces apart, one line a row. Cells are made
/// harmless here. A column whose heading starts with `>` is aligned to the right; the mark is not shown.
[[nodiscard]] std::string table(const std::vector<std::string>& heading,
                                const std::vector<std::vector<std::string>>& rows);

} // namespace dialhook::ctl
