#pragma once

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace dialhook::fastagi {

/// One command to a channel. Every argument is quoted, so that nothing in it can become a second argument; Asterisk
/// expands nothing in it.
///
/// It is never longer than `max_bytes`: until July 2025 Asterisk read commands into a buffer of 2,048 bytes, and took
/// the rest of a longer line for its next command, which the author of the text had chosen.
class Command
{
public:
    static constexpr std::size_t max_bytes = 2047; ///< with its line end

    /// Cuts arguments that are too long together at a character: the longest to what is left, the others to 256 bytes.
    static Command cut(std::string_view name, std::initializer_list<std::string_view> arguments);

    /// Returns nullopt where something would have to be cut.
    static std::optional<Command> whole(std::string_view name, std::initializer_list<std::string_view> arguments);

    /// Returns the command with its line end.
    const std::string& line() const { return line_; }

private:
    explicit Command(std::string line)
        : line_(std::move(line))
    {
    }

    std::string line_;
};

namespace command {

/// Returns `utf8` between quotes, `"` and `\` escaped, without line ends and other control characters, cut at a
/// character so that it has at most `max_size` bytes, quotes included.
std::string quoted(std::string_view utf8, std::size_t max_size = Command::max_bytes);

Command answer();
Command channel_status();
Command set_variable(std::string_view name, std::string_view value);
Command stream_file(std::string_view file, std::string_view escape_keys);
Command get_data(std::string_view file, long long timeout_ms, unsigned max_digits);
Command wait_for_digit(long long timeout_ms);
Command verbose(std::string_view message);

/// Returns nullopt if the arguments are too long: cut, they could name another number.
std::optional<Command> exec(std::string_view application, std::string_view arguments);

} // namespace command
} // namespace dialhook::fastagi
