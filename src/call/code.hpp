#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace dialhook {

/// What a caller entered on the telephone's keys: digits, `*`, `#` and `A` to `D` (DTMF, ITU-T Q.23). It may be empty.
///
/// A code is a secret of the caller: it goes to the web server and nowhere else, not into a log, an error text or the
/// `state` of a call.
class Code
{
public:
    Code() = default;

    /// Returns nullopt if `text` holds anything but keys.
    static std::optional<Code> from(std::string_view text);

    static bool is_key(char character);

    std::string_view view() const { return keys_; }
    bool empty() const { return keys_.empty(); }

private:
    explicit Code(std::string keys)
        : keys_(std::move(keys))
    {
    }

    std::string keys_;
};

} // namespace dialhook
