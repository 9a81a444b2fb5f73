#include "config/unreadable.hpp"

#include <pwd.h>
#include <system_error>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <fstream>
#include <sstream>
#include <vector>

namespace dialhook::config {
namespace {

constexpr std::string_view elsewhere = "; put the file elsewhere, such as in /etc/dialhook";

/// Returns the first `count` words of `text`, which may have fewer.
std::vector<std::string_view> words_of(std::string_view text, std::size_t count)
{
    std::vector<std::string_view> words;
    while (words.size() < count && !text.empty()) {
        const auto end = std::min(text.find(' '), text.size());
        words.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return words;
}

std::string own_user()
{
    std::array<char, 4096> buffer{};
    passwd entry{};
    passwd* found = nullptr;
    if (::getpwuid_r(::geteuid(), &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr)
        return found->pw_name;
    return std::to_string(::geteuid());
}

} // namespace

std::string_view hidden_by_systemd(std::string_view mountinfo, std::string_view file)
{
    std::string_view hidden;
    for (std::size_t at = 0; at < mountinfo.size();) {
        const auto end = std::min(mountinfo.find('\n', at), mountinfo.size());
        const auto words = words_of(mountinfo.substr(at, end - at), 5);
        at = end + 1;
        if (words.size() < 5)
            continue;
        const auto root = words[3];
        const auto point = words[4];
        const bool covers = file.starts_with(point) && file.substr(point.size()).starts_with('/');
        const bool is_systemd_s =
            root.find("/systemd-private-") != std::string_view::npos || root.ends_with("/inaccessible/dir");
        if (covers && is_systemd_s)
            hidden = point;
    }
    return hidden;
}

std::string remedy_of_unreadable(const std::filesystem::path& file, std::string_view why)
{
    const bool is_missing = why == std::generic_category().message(ENOENT);
    const bool is_forbidden = why == std::generic_category().message(EACCES);
    if (!is_missing && !is_forbidden)
        return {};
    std::ostringstream mountinfo;
    mountinfo << std::ifstream("/proc/self/mountinfo").rdbuf();
    const std::string mounts = std::move(mountinfo).str();
    if (const auto point = hidden_by_systemd(mounts, file.native()); !point.empty())
        return "; systemd hides the system's " + std::string(point) + " from this service (PrivateTmp=, ProtectHome=)" +
               std::string(elsewhere);
    return is_forbidden ? "; the user " + own_user() + " needs the right to read it" : std::string();
}

} // namespace dialhook::config
