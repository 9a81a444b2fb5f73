#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace dialhook {

/// A character that is invisible, or that looks like one of ASCII: it comes out of word processors, chats and web
/// pages.
struct Lookalike
{
    std::size_t offset; ///< in the text
    std::size_t size;   ///< bytes
    char32_t code;
    std::string_view name;      ///< Unicode's, shortened; empty for letters of other scripts
    std::string_view meant;     ///< ASCII that looks like it; empty for an invisible mark
    bool is_blank_or_invisible; ///< no text has a need for it
};

/// Returns the first one at or after `from`, or nullopt. `text` is UTF-8.
std::optional<Lookalike> first_lookalike(std::string_view text, std::size_t from = 0);

/// Returns `U+00A0 (NO-BREAK SPACE)`
std::string name_of(const Lookalike& character);

/// Returns what to do about it: `write an ordinary space, or remove it`
std::string remedy(const Lookalike& character);

/// Returns `text` as it was probably meant, in ASCII: for comparison only.
std::string without_lookalikes(std::string_view text);

} // namespace dialhook
