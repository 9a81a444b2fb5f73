#pragma once

#include "outcome.hpp"

#include <filesystem>
#include <iosfwd>
#include <vector>

namespace dialhook::bench {

/// One line of JSON.
void write_report(std::ostream& out, const Outcome& outcome);

/// `answers` as pairs of 64-bit numbers of nanoseconds. Throws std::system_error.
void write_samples(const std::filesystem::path& file, const std::vector<Answered>& answers);

} // namespace dialhook::bench
