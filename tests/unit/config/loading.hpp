#pragma once

#include "config/load.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace dialhook::config::test {

/// A folder of its own for the files of one test, gone at its end.
class Folder
{
public:
    Folder();
    ~Folder();
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    const std::filesystem::path& path() const { return path_; }

    /// Writes a file, with the folders above it.
    std::filesystem::path write(const std::string& name, std::string_view text) const;

    /// Loads the file `name`: nothing, or its faults as `dialhookd --check` shows them, one a line, the paths seen from
    /// this folder.
    std::string faults_of(const std::string& name, const Environment& environment = {}) const;

    /// Loads the file `name`, which must have no fault: its warnings, in the same way.
    std::string warnings_of(const std::string& name, const Environment& environment = {}) const;

    /// Loads the file `name`, which must have no fault.
    Configuration load_well(const std::string& name, const Environment& environment = {}) const;

    /// Every occurrence of this folder's path as `$DIR`.
    std::string shown(std::string text) const;

private:
    std::filesystem::path path_;
};

/// A configuration in one file, and the faults that it has (each begins with `line:column: `), one a line.
struct FaultCase
{
    const char* name;
    std::string_view yaml;
    std::string_view faults;
};

/// The faults of `yaml`, without the name of its file.
std::string faults_of(std::string_view yaml, const Environment& environment = {});

/// The warnings of `yaml`, which must have no fault.
std::string warnings_of(std::string_view yaml, const Environment& environment = {});

/// The configuration that `yaml` is, which must have no fault.
Configuration load_well(std::string_view yaml, const Environment& environment = {});

/// `yaml` of one webhook named `crm`: its keys after a good url, each line indented by four spaces.
std::string with_webhook(std::string_view keys);

inline void PrintTo(const FaultCase& one, std::ostream* out)
{
    *out << one.name;
}

inline std::string case_name(const testing::TestParamInfo<FaultCase>& info)
{
    return info.param.name;
}

} // namespace dialhook::config::test
