#include "daemon/last_good.hpp"

#include "daemon/file_descriptor.hpp"
#include "daemon/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace dialhook::daemon {
namespace {

constexpr std::string_view file_name = "last-good-configuration";
constexpr off_t largest = 2'000'000'000;

config::SavedFault system_fault(std::string_view what)
{
    return {std::string(what) + ": " + std::generic_category().message(errno)};
}

/// Says what is wrong with the file's kind, owner or mode: what another user could write is not to be trusted.
std::optional<std::string> distrust(const struct stat& found)
{
    if (!S_ISREG(found.st_mode))
        return "it is not a regular file";
    if (found.st_uid != 0 && found.st_uid != ::geteuid())
        return "it belongs to user " + std::to_string(found.st_uid);
    if ((found.st_mode & 077U) != 0)
        return "other users may read or write it; it should have mode 0600";
    if (found.st_size > largest)
        return "it is too large";
    return std::nullopt;
}

} // namespace

LastGood::LastGood(std::filesystem::path folder, const std::filesystem::path& main_file)
    : folder_(std::move(folder))
    , file_(folder_ / file_name)
    , main_file_(std::filesystem::absolute(main_file).lexically_normal().string())
{
}

std::optional<std::string> LastGood::keep(config::SavedConfiguration saved) const
{
    if (saved.files.empty())
        return "there is nothing to keep";
    config::SourceTexts files;
    files.reserve(saved.files.size());
    files.push_back({main_file_, saved.files.front().text});
    for (std::size_t at = 1; at < saved.files.size(); ++at)
        files.share(saved.files.pointers()[at]);
    saved.files = std::move(files);
    if (::mkdir(folder_.c_str(), 0700) != 0 && errno != EEXIST)
        return folder_.string() + " cannot be made: " + std::generic_category().message(errno);
    return replace_file(file_, config::encode(saved), 0600, true);
}

boost::system::result<config::SavedConfiguration, config::SavedFault> LastGood::read() const
{
    // Without O_NONBLOCK a pipe at this path would hold up the start.
    const FileDescriptor file(::open(file_.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!file)
        return errno == ENOENT ? config::SavedFault{"none was kept yet"} : system_fault("it cannot be read");
    struct stat found
    {
    };
    if (::fstat(file.number(), &found) != 0)
        return system_fault("it cannot be read");
    if (auto why = distrust(found))
        return config::SavedFault{*std::move(why)};
    std::string bytes(static_cast<std::size_t>(found.st_size), '\0');
    for (std::size_t used = 0; used < bytes.size();) {
        const auto count = ::read(file.number(), bytes.data() + used, bytes.size() - used);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return system_fault("it cannot be read");
        if (count == 0)
            bytes.resize(used); // cut meanwhile, which its checksum tells
        used += static_cast<std::size_t>(count);
    }
    return config::decode(bytes, main_file_);
}

} // namespace dialhook::daemon
