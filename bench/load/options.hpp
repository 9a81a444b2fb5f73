#pragma once

#include "connections.hpp"
#include "outcome.hpp"
#include "route_calls.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace dialhook::bench {

extern const std::string_view usage;

/// The command line.
struct Options
{
    std::string protocol;
    std::filesystem::path socket;
    Shape shape;
    std::string webhook;
    std::size_t spread = 0; ///< 0: `webhook` itself
    RouteCalls::Expected expected = RouteCalls::Expected::success;
    double rate = 0; ///< calls a second; 0: a closed loop
    Limit warmup{.duration = std::chrono::seconds{1}};
    Limit window{.duration = std::chrono::seconds{5}};
    std::filesystem::path samples; ///< empty: not kept
    bool hold = false;
    bool scenario = false;
};

/// Throws std::invalid_argument with what is wrong.
Options parse(int argc, char** argv);

} // namespace dialhook::bench
