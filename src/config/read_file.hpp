#pragma once

#include <boost/system/result.hpp>

#include <cstddef>
#include <filesystem>
#include <string>

namespace dialhook::config {

/// Why a file could not be read: the system's own words and what helps, or that it is too large.
struct ReadError
{
    std::string message;
};

/// The bytes of a file, at most `limit` of them.
boost::system::result<std::string, ReadError> read_file(const std::filesystem::path& path, std::size_t limit);

} // namespace dialhook::config
