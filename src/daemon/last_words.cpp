#include "daemon/last_words.hpp"

#include "base/utc.hpp"
#include "daemon/file_descriptor.hpp"
#include "daemon/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <chrono>
#include <ctime>
#include <string_view>

namespace dialhook::daemon {
namespace {

constexpr std::size_t max_words = 20;
constexpr std::size_t max_word_length = 1000;
constexpr std::string_view head = "starts ";

/// A start that was refused longer ago has nothing to do with this one.
constexpr std::time_t forgotten_after = 300;

} // namespace

LastWords::LastWords(const std::filesystem::path& folder)
    : file_(folder.empty() ? std::filesystem::path() : folder / "last-words")
{
}

std::string LastWords::text_of(const std::vector<std::string>& words)
{
    std::string text;
    for (std::size_t at = 0; at < words.size() && at < max_words; ++at)
        text.append(words[at], 0, max_word_length).append("\n");
    if (words.size() > max_words)
        text += std::to_string(words.size() - max_words) + " more\n";
    return text;
}

LastWords::Before LastWords::before() const
{
    Before before;
    const FileDescriptor file(::open(file_.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    struct stat found
    {
    };
    if (!file || ::fstat(file.number(), &found) != 0 || !S_ISREG(found.st_mode))
        return before;
    const std::time_t age = std::time(nullptr) - found.st_mtime;
    if (found.st_uid != ::geteuid() || age < 0 || age > forgotten_after)
        return before;
    std::array<char, (max_words + 2) * (max_word_length + 1)> bytes; // NOLINT(cppcoreguidelines-pro-type-member-init)
    const auto size = ::read(file.number(), bytes.data(), bytes.size());
    std::string_view text(bytes.data(), size < 0 ? 0 : static_cast<std::size_t>(size));
    if (!text.starts_with(head))
        return before;
    text.remove_prefix(head.size());
    std::from_chars(text.data(), text.data() + text.size(), before.starts);
    const auto line_end = text.find('\n');
    if (line_end != std::string_view::npos)
        before.words = text.substr(line_end + 1);
    return before;
}

void LastWords::leave(const std::vector<std::string>& words, unsigned refused_starts) const
{
    if (file_.empty())
        return;
    constexpr mode_t for_the_group_too = 0640;
    const std::string first =
        std::string(head) + std::to_string(refused_starts) + ' ' + utc(std::chrono::system_clock::now()) + '\n';
    (void)replace_file(file_, first + text_of(words), for_the_group_too, false);
}

void LastWords::forget() const
{
    if (!file_.empty())
        ::unlink(file_.c_str());
}

} // namespace dialhook::daemon
