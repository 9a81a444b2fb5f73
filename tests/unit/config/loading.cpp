#include "unit/config/loading.hpp"

#include <fstream>
#include <stdexcept>
#include <stdlib.h>

namespace dialhook::config::test {
namespace {

constexpr const char* only_file = "only.yaml";

void replace_all(std::string& text, std::string_view from, std::string_view to)
{
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
}

std::string without_the_file(std::string lines)
{
    replace_all(lines, std::string(only_file) + ": ", ""); // of the file as a whole
    replace_all(lines, std::string(only_file) + ":", "");
    return lines;
}

} // namespace

Folder::Folder()
{
    auto pattern = (std::filesystem::temp_directory_path() / "dialhook-config-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr)
        throw std::runtime_error("no temporary folder");
    path_ = pattern;
}

Folder::~Folder()
{
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

std::filesystem::path Folder::write(const std::string& name, std::string_view text) const
{
    auto path = path_ / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
    return path;
}

std::string Folder::faults_of(const std::string& name, const Environment& environment) const
{
    const auto loaded = load(path_ / name, environment);
    std::string lines;
    if (!loaded)
        for (const auto& fault : loaded.error())
            lines += (lines.empty() ? "" : "\n") + fault.str();
    return shown(std::move(lines));
}

std::string Folder::warnings_of(const std::string& name, const Environment& environment) const
{
    std::string lines;
    for (const auto& warning : load_well(name, environment).warnings)
        lines += (lines.empty() ? "" : "\n") + warning.str();
    return shown(std::move(lines));
}

Configuration Folder::load_well(const std::string& name, const Environment& environment) const
{
    auto loaded = load(path_ / name, environment);
    if (!loaded) {
        ADD_FAILURE() << faults_of(name, environment);
        return {};
    }
    return std::move(*loaded);
}

std::string Folder::shown(std::string text) const
{
    replace_all(text, path_.string() + "/", "");
    replace_all(text, path_.string(), "$DIR");
    return text;
}

std::string faults_of(std::string_view yaml, const Environment& environment)
{
    const Folder folder;
    folder.write(only_file, yaml);
    return without_the_file(folder.faults_of(only_file, environment));
}

std::string warnings_of(std::string_view yaml, const Environment& environment)
{
    const Folder folder;
    folder.write(only_file, yaml);
    return without_the_file(folder.warnings_of(only_file, environment));
}

Configuration load_well(std::string_view yaml, const Environment& environment)
{
    const Folder folder;
    folder.write(only_file, yaml);
    return folder.load_well(only_file, environment);
}

std::string with_webhook(std::string_view keys)
{
    std::string yaml = "webhooks:\n  crm:\n    url: http://crm.example/\n";
    while (!keys.empty()) {
        const auto line = keys.substr(0, keys.find('\n'));
        yaml += "    " + std::string(line) + "\n";
        keys.remove_prefix(std::min(keys.size(), line.size() + 1));
    }
    return yaml;
}

} // namespace dialhook::config::test
