#pragma once

#include <chrono>
#include <cstddef>
#include <string_view>
#include <termios.h>

namespace dialhook::ctl {

/// The whole terminal, taken over while this object lives and given back as it was, also when a signal ends the
/// program.
class Screen
{
public:
    /// Returns whether there is a terminal to take over: standard input and output are one.
    static bool is_there();

    Screen();
    ~Screen();
    Screen(const Screen&) = delete;
    Screen& operator=(const Screen&) = delete;

    /// Shows as much of `text` as fits. Its lines are harmless.
    void show(std::string_view text) const;

    enum class Event : unsigned char
    {
        time_is_over,
        resized,
        quit ///< the key `q`, Ctrl-C, or a signal that ends programs
    };

    Event wait(std::chrono::milliseconds limit) const;

private:
    termios before_{};
    int signals_ = -1;
};

} // namespace dialhook::ctl
