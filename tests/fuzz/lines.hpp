#pragma once

#include <algorithm>
#include <string_view>

namespace dialhook::fuzz {

/// Takes the first line off `text`: how an input with several parts is cut, so that its files stay readable.
inline std::string_view take_line(std::string_view& text)
{
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    return line;
}

} // namespace dialhook::fuzz
