#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace dialhook::fastagi {

/// What Asterisk answers to a command: `200 result=1 (value)`, `511 Command Not Permitted…`.
struct AgiReply
{
    int code = 0;       ///< 200, 510 (unknown), 511 (the channel is dead), 520 (wrong syntax); 0: the connection ended
    std::string result; ///< with 200: what follows `result=`, often a number or keys
    std::string detail; ///< what follows it in brackets, such as `timeout`

    bool is_ok() const { return code == 200; }
    bool failed() const { return !is_ok() || result == "-1"; }
};

/// Puts the lines of one reply together; that of a 520 has several.
class AgiReplyReader
{
public:
    enum class Step : unsigned char
    {
        more, ///< the reply goes on
        whole,
        nonsense ///< this is no Asterisk
    };

    Step take(std::string_view line);

    /// Returns the reply that became `whole`.
    AgiReply reply() const { return reply_; }

private:
    AgiReply reply_;
    bool in_usage_ = false;
};

} // namespace dialhook::fastagi
