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

ReadError last_error(const std::filesystem::path& path)
{
    const std::string why = std::generic_category().message(errno);
    return {why + remedy_of_unreadable(path, why)};
}

/// What the file says its size is, so that an ordinary one is read in one go; a pipe says nothing.
std::size_t likely_size(int descriptor, std::size_t limit)
{
    struct stat status
    {
    };
    if (::fstat(descriptor, &status) != 0 || status.st_size <= 0)
        return std::min<std::size_t>(limit, 4096);
    return std::min(limit, static_cast<std::size_t>(status.st_size));
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

boost::system::result<std::string, ReadError> read_file(const std::filesystem::path& path, std::size_t limit)
{
    // Without O_NONBLOCK, open(2) waits for somebody to write where the path is that of a named pipe.
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    if (file.number() < 0)
        return last_error(path);

    std::string bytes;
    std::size_t room = likely_size(file.number(), limit) + 1; // one more, to see the end at once
    for (std::size_t used = 0;; room = std::min(limit + 1, used * 2)) {
        bytes.resize(room);
        while (used < room) {
            const auto count = read_some(file.number(), bytes.data() + used, room - used);
            if (count < 0)
                return last_error(path);
            if (count == 0) {
                bytes.resize(used);
                return {boost::system::in_place_value, std::move(bytes)};
            }
            used += static_cast<std::size_t>(count);
        }
        if (used > limit)
            return ReadError{"it is larger than " + std::to_string(limit / 1024) + " KiB"};
    }
}

} // namespace dialhook::config
