#pragma once

#include <cstddef>
#include <string_view>

namespace dialhook {

/// Returns the size of the JSON string at the start of `text`, which begins with its quote, both quotes included; npos
/// if it has no end. Bytes of any encoding may stand in it: for text that has to be mended before it is JSON.
[[nodiscard]] inline std::size_t quoted_size(std::string_view text)
{
    for (std::size_t at = 1; at < text.size(); ++at) {
        if (text[at] == '\\')
            ++at;
        else if (text[at] == '"')
            return at + 1;
    }
    return std::string_view::npos;
}

} // namespace dialhook
