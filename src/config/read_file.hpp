#pragma once

#include <boost/system/result.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace dialhook::config {

/// Why a file could not be read: the system's own words and what helps, or that it is too large.
struct ReadError
{
    std::string message;
    bool is_folder = false;
    bool is_missing = false; ///< nothing is at this path
};

/// Which file it is, and in what state: all that the system says of it without reading. Times in nanoseconds since
/// 1970.
struct FileIdentity
{
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::int64_t size = 0;
    std::int64_t content_changed_ns = 0; ///< mtime, which can be set
    std::int64_t inode_changed_ns = 0;   ///< ctime, which cannot
    bool is_regular = false;             ///< no pipe or device, which say nothing of what they will give

    bool operator==(const FileIdentity&) const = default;

    /// Returns whether both are the same file, changed or not.
    bool is_same_file(const FileIdentity& other) const { return device == other.device && inode == other.inode; }
};

/// Returns the identity of the file at `path`, through symbolic links; nullopt if that fails. One system call.
std::optional<FileIdentity> identity_of(const std::string& path);

/// The bytes of a file, and its identity before they were read.
struct FileContent
{
    std::string bytes;
    FileIdentity identity;
};

/// Reads a file of at most `limit` bytes. Blocks.
boost::system::result<FileContent, ReadError> read_file(const std::string& path, std::size_t limit);

} // namespace dialhook::config
