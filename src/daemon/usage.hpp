#pragma once

#include <CLI/CLI.hpp>

#include <string>

namespace dialhook::daemon {

/// Returns what is wrong with the command line, and what to write instead.
std::string complaint(const CLI::App& app, const CLI::ParseError& error);

} // namespace dialhook::daemon
