#pragma once

#include "dialhook/protocol.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace dialhook {

/// Text of `Min` to `Max` bytes, well-formed UTF-8: what a call may carry. It exists only when it is so. It may hold
/// control characters: whatever puts it out encodes it for its own medium, and a decision drops them.
template <std::size_t Min, std::size_t Max>
class BoundedText
{
public:
    static constexpr std::size_t max_bytes = Max;

    BoundedText() requires(Min == 0) = default;

    /// Returns nullopt if `bytes` are fewer than `Min`, more than `Max`, or not UTF-8.
    static std::optional<BoundedText> from(std::string_view bytes);

    /// Does the same where there is a text already: returns false, and changes nothing, where `from` returns nullopt.
    bool assign(std::string_view bytes);

    const std::string& str() const { return text_; }
    std::string_view view() const { return text_; }
    bool empty() const { return text_.empty(); }

    bool operator==(const BoundedText&) const = default;

private:
    /// Takes bytes that were judged.
    explicit BoundedText(std::string_view bytes)
        : text_(bytes)
    {
    }

    std::string text_;
};

using Did = BoundedText<1, DIALHOOK_MAX_TEXT>;
using CallText = BoundedText<0, DIALHOOK_MAX_TEXT>;
/// Wider than what a PBX may send, since a dialplan puts prefixes in front of it.
using CallerName = BoundedText<0, 1024>;

extern template class BoundedText<1, DIALHOOK_MAX_TEXT>;
extern template class BoundedText<0, DIALHOOK_MAX_TEXT>;
extern template class BoundedText<0, 1024>;

} // namespace dialhook
