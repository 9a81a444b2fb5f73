#include "ctl/last_words.hpp"

#include "ctl/terminal.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace dialhook::ctl {
namespace {

/// Returns the beginning of a file that another user may have written: no link, no pipe that keeps us waiting.
std::string beginning_of(const std::filesystem::path& path)
{
    const int file = ::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (file < 0)
        return {};
    std::array<char, 32768> bytes; // NOLINT(cppcoreguidelines-pro-type-member-init): filled by read
    struct stat found
    {
    };
    ssize_t size = 0;
    if (::fstat(file, &found) == 0 && S_ISREG(found.st_mode))
        size = ::read(file, bytes.data(), bytes.size());
    ::close(file);
    return {bytes.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
}

} // namespace

std::string last_words(const std::filesystem::path& socket)
{
    const std::string text = beginning_of(socket.parent_path() / "last-words");
    std::string_view left = text;
    const std::string_view head = left.substr(0, left.find('\n')); // starts N TIME
    left.remove_prefix(std::min(left.size(), head.size() + 1));
    std::string lines;
    while (!left.empty()) {
        const std::string_view line = left.substr(0, left.find('\n'));
        left.remove_prefix(std::min(left.size(), line.size() + 1));
        lines += "\n    " + harmless(line);
    }
    if (lines.empty())
        return {};
    return "its last words, at " + harmless(head.substr(head.rfind(' ') + 1)) + ":" + lines;
}

} // namespace dialhook::ctl
