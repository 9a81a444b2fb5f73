#include "daemon/files.hpp"

#include "daemon/file_descriptor.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace dialhook::daemon {
namespace {

std::string cannot_write(const std::filesystem::path& file)
{
    return file.string() + " cannot be written: " + std::generic_category().message(errno);
}

bool write_all(int descriptor, std::string_view bytes)
{
    while (!bytes.empty()) {
        const auto count = ::write(descriptor, bytes.data(), bytes.size());
        if (count >= 0)
            bytes.remove_prefix(static_cast<std::size_t>(count));
        else if (errno != EINTR)
            return false;
    }
    return true;
}

} // namespace

std::optional<std::string> replace_file(const std::filesystem::path& file, std::string_view bytes, mode_t mode,
                                        bool on_disk)
{
    const std::string fresh = file.string() + ".new";
    ::unlink(fresh.c_str()); // of a daemon that died meanwhile
    FileDescriptor out(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
    if (!out)
        return cannot_write(fresh);
    // The mode is set again since the umask has taken from it.
    const bool written = write_all(out.number(), bytes) && ::fchmod(out.number(), mode) == 0 &&
                         (!on_disk || ::fsync(out.number()) == 0) && ::rename(fresh.c_str(), file.c_str()) == 0;
    if (!written) {
        auto why = cannot_write(fresh);
        ::unlink(fresh.c_str());
        return why;
    }
    if (!on_disk)
        return std::nullopt;
    const FileDescriptor folder(::open(file.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder || ::fsync(folder.number()) != 0)
        return cannot_write(file);
    return std::nullopt;
}

} // namespace dialhook::daemon
