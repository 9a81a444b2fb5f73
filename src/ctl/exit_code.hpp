#pragma once

#include <stdexcept>
#include <string>

namespace dialhook::ctl {

/// What `dialhookctl` ends with. Scripts of users depend on the numbers.
enum class ExitCode : int
{
    done = 0,        ///< what was asked is done; for `route`: the success branch
    refused = 1,     ///< the failure branch, or the daemon or the system refused what was asked
    wrong_usage = 2, ///< the command line cannot be understood
    no_daemon = 3,   ///< no daemon answers on the socket
};

/// A command that cannot go on. `what()` is a text for the person at the terminal: it may have several lines, and text
/// that came from elsewhere has already been made harmless in it.
class CommandFailure : public std::runtime_error
{
public:
    CommandFailure(ExitCode code, const std::string& text)
        : std::runtime_error(text)
        , code_(code)
    {
    }
    [[nodiscard]] ExitCode code() const noexcept { return code_; }

private:
    ExitCode code_;
};

} // namespace dialhook::ctl
