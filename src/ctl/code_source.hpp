#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace dialhook::ctl {

/// What the caller enters: first the codes that were given, then lines from a terminal or a pipe.
class CodeSource
{
public:
    CodeSource(std::vector<std::string> codes, int descriptor);

    /// Returns nullopt when no line came within `timeout`, or none will come any more.
    std::optional<std::string> next(std::chrono::milliseconds timeout);

private:
    std::optional<std::string> next_line(std::chrono::milliseconds timeout);

    std::vector<std::string> codes_;
    std::size_t given_ = 0;
    int descriptor_;
    std::string read_;
};

} // namespace dialhook::ctl
