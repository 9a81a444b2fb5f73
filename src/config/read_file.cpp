#include "config/read_file.hpp"

#include "config/unreadable.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace dialhook::config {
namespace {

class Descriptor
{
public:
    explicit Descriptor(int number)
        : number_(number)
    {
    }
    ~Descriptor()
    {
        if (number_ >= 0)
            ::close(number_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    int number() const { return number_; }

private:
    int number_;
};

ReadError last_error(const std::string& path)
{
    const int error = errno;
    const std::string why = std::generic_category().message(error);
    return {why + remedy_of_unreadable(path, why), error == EISDIR, error == ENOENT};
}

std::int64_t nanoseconds(const timespec& time)
{
    constexpr std::int64_t in_a_second = 1'000'000'000;
    return time.tv_sec * in_a_second + time.tv_nsec;
}

FileIdentity identity_from(const struct stat& status)
{
    return {
        status.st_dev,          status.st_ino, status.st_size, nanoseconds(status.st_mtim), nanoseconds(status.st_ctim),
        S_ISREG(status.st_mode)};
}

/// Returns what the file says its size is, so that an ordinary one is read in one go; a pipe says nothing.
std::size_t likely_size(const FileIdentity& identity, std::size_t limit)
{
    constexpr std::size_t unknown = 4096;
    return std::min(limit, identity.size > 0 ? static_cast<std::size_t>(identity.size) : unknown);
}

/// Returns whether there is something to read. A pipe whose writer is slow gets a while, and one that never writes
/// must not hold up a start for ever.
bool wait_for_bytes(int descriptor)
{
    constexpr int patience_ms = 5000;
    pollfd waiting{descriptor, POLLIN, 0};
    if (::poll(&waiting, 1, patience_ms) > 0)
        return true;
    errno = ETIMEDOUT;
    return false;
}

ssize_t read_some(int descriptor, char* to, std::size_t room)
{
    for (;;) {
        const auto count = ::read(descriptor, to, room);
        if (count >= 0 || (errno != EINTR && !(errno == EAGAIN && wait_for_bytes(descriptor))))
            return count;
    }
}

} // namespace

std::optional<FileIdentity> identity_of(const std::string& path)
{
    struct stat status
    {
    };
    if (::stat(path.c_str(), &status) != 0)
        return std::nullopt;
    return identity_from(status);
}

boost::system::result<FileContent, ReadError> read_file(const std::string& path, std::size_t limit)
{
    // Without O_NONBLOCK, open(2) waits for somebody to write where the path is that of a named pipe.
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    struct stat status
    {
    };
    if (file.number() < 0 || ::fstat(file.number(), &status) != 0)
        return last_error(path);

    FileContent content{{}, identity_from(status)};
    std::string& bytes = content.bytes;
    std::size_t room = likely_size(content.identity, limit) + 1; // one more, to see the end at once
    for (std::size_t used = 0;; room = std::min(limit + 1, used * 2)) {
        bytes.resize(room);
        while (used < room) {
            const auto count = read_some(file.number(), bytes.data() + used, room - used);
            if (count < 0)
                return last_error(path);
            used += static_cast<std::size_t>(count);
            // A regular file gives less than it was asked for at its end alone.
            if (count == 0 || (content.identity.is_regular && used < room)) {
                bytes.resize(used);
                return {boost::system::in_place_value, std::move(content)};
            }
        }
        if (used > limit)
            return ReadError{"it is larger than " + std::to_string(limit / 1024) + " KiB"};
    }
}

} // namespace dialhook::config
