#pragma once

#include "base/shared_list.hpp"

#include <boost/system/result.hpp>

#include <chrono>
#include <string>
#include <string_view>

namespace dialhook::config {

/// The text of one configuration file, as it was read. References to credentials stand in it as they were written.
struct SourceText
{
    std::string path;
    std::string text;
};

/// Files of a configuration, the main file first.
using SourceTexts = SharedList<SourceText>;

/// A configuration that was applied.
struct SavedConfiguration
{
    std::chrono::system_clock::time_point applied_at; ///< kept to the millisecond
    SourceTexts files;
};

/// Why bytes are no saved configuration that may be used.
struct SavedFault
{
    std::string message;
};

/// Writes `saved` as bytes with a format version and a checksum.
std::string encode(const SavedConfiguration& saved);

/// Reads what `encode` has written. Refuses another version, what was cut or changed, and the configuration of another
/// main file than `main_file`.
boost::system::result<SavedConfiguration, SavedFault> decode(std::string_view bytes, std::string_view main_file);

} // namespace dialhook::config
