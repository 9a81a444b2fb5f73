#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace dialhook::fastagi {

/// What Asterisk says of the channel before it waits for commands: lines `agi_NAME: VALUE`, ended by an empty one.
class Environment
{
public:
    /// More than this is no Asterisk.
    static constexpr std::size_t max_lines = 256;
    static constexpr std::size_t max_bytes = 32 * 1024; ///< of all lines together

    /// Takes one line. False: it is not of that form, or there are too many.
    bool take(std::string_view line);

    /// Value of `agi_NAME`; empty if there is none, or Asterisk calls it `unknown`.
    std::string_view value(const std::string& name) const;

private:
    std::unordered_map<std::string, std::string> values_;
    std::size_t bytes_ = 0;
};

} // namespace dialhook::fastagi
