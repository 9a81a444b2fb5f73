#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace dialhook::config {

/// What was found in a configuration file: a fault, which refuses the configuration, or a warning, which does not.
/// `line` and `column` count from 1; 0 where a whole file is meant.
struct Fault
{
    std::string file;
    std::size_t line = 0;
    std::size_t column = 0;
    std::string message; ///< names the thing, what was found, what was expected, and the remedy
    bool is_warning = false;
    std::size_t stands_for = 1; ///< more in an entry that says how many further ones are not shown

    /// Returns `file:line:column: message`, or `file:line:column: warning: message`
    std::string str() const;
};

/// All that one load found, ordered by file and place.
using Faults = std::vector<Fault>;

/// Returns `2 faults, 1 warning`; `no faults` if there is none.
std::string counted(const Faults& found);

} // namespace dialhook::config
