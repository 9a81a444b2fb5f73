#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dialhook::fastagi {

/// What Asterisk says of the channel before it waits for commands: lines `agi_NAME: VALUE`, ended by an empty one.
///
/// A value may hold a line end (a caller's name, an account code, an argument), and what follows it may look like a
/// line of Asterisk's own. It sets nothing: Asterisk writes each name once, and in a fixed order (res_agi.c,
/// setup_env), so where a name comes twice, the lines before and after the value that was broken tell which one is
/// Asterisk's.
class AgiEnvironment
{
public:
    /// More than this is no Asterisk.
    static constexpr std::size_t max_lines = 256;
    static constexpr std::size_t max_bytes = 32 * 1024; ///< of all lines together

    /// Returns whether `line` is of the form `agi_NAME: VALUE`.
    static bool is_line(std::string_view line);

    /// Takes one line; one of another form is passed over. Returns false when there are too many, or they are too long.
    bool take(std::string_view line);

    bool empty() const { return lines_.empty(); }

    /// Returns the value of `agi_NAME`, or an empty text if there is none or Asterisk calls it `unknown`.
    std::string_view value(std::string_view name) const;

    /// Returns the arguments that were given to `AGI()` after the address. A number that comes twice is left out: a
    /// line end in the argument before it made one of them.
    std::vector<std::string_view> arguments() const;

private:
    struct Line
    {
        std::string name;
        std::string value;
    };

    /// The names that Asterisk writes before the arguments.
    static constexpr std::size_t names = 21;
    using OwnLines = std::array<std::optional<std::size_t>, names>;

    const Line* find(std::string_view name) const;
    /// Returns which lines are Asterisk's own, in the order of their names.
    OwnLines own_lines() const;

    std::vector<Line> lines_;
    std::size_t count_ = 0; ///< lines of another form are counted as well
    std::size_t bytes_ = 0;
};

} // namespace dialhook::fastagi
