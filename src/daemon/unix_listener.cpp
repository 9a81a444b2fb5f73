#include "daemon/unix_listener.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace dialhook::daemon {
namespace {

constexpr int backlog = 4096; // the kernel cuts it to net.core.somaxconn

[[noreturn]] void give_up(const std::string& path, const std::string& what)
{
    throw std::runtime_error(path + ": " + what);
}

std::string system_fault()
{
    return std::strerror(errno);
}

sockaddr_un address_of(const std::string& path)
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path)
        give_up(path, "a socket's path is at most 107 bytes long");
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    return address;
}

int new_socket(const std::string& path)
{
    const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (socket < 0)
        give_up(path, "no socket can be made: " + system_fault());
    return socket;
}

/// Whether somebody listens there. A full queue (EAGAIN) and a refusal by the file's mode are answers of the living
/// too.
bool is_alive(const std::string& path)
{
    const int probe = new_socket(path);
    const sockaddr_un address = address_of(path);
    const bool refused =
        ::connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 && errno == ECONNREFUSED;
    ::close(probe);
    return !refused;
}

} // namespace

UnixListener::UnixListener(const SocketFile& file)
    : path_(file.path)
{
    try {
        lock();
        clear_the_path();
        bind(file);
    } catch (...) {
        if (socket_ >= 0)
            ::close(socket_);
        if (lock_ >= 0)
            ::close(lock_);
        throw;
    }
}

UnixListener::UnixListener(PassedSocket passed)
    : is_passed_(true)
    , socket_(passed.descriptor)
{
    sockaddr_un address{};
    socklen_t size = sizeof address;
    if (::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
        give_up("a passed socket", system_fault());
    path_.assign(address.sun_path, size - offsetof(sockaddr_un, sun_path));
    if (path_.starts_with('\0'))
        path_.front() = '@';
    else
        path_.resize(std::strlen(path_.c_str())); // the kernel counts the NUL at the end
}

UnixListener::~UnixListener()
{
    struct stat now
    {
    };
    if (!is_passed_ && ::lstat(path_.c_str(), &now) == 0 && now.st_dev == device_ && now.st_ino == inode_)
        ::unlink(path_.c_str());
    if (socket_ >= 0)
        ::close(socket_);
    if (lock_ >= 0)
        ::close(lock_);
}

int UnixListener::release()
{
    return std::exchange(socket_, -1);
}

void UnixListener::lock()
{
    const std::string name = path_ + ".lock";
    lock_ = ::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (lock_ < 0)
        give_up(path_, "cannot make " + name + ": " + system_fault() +
                           "; does the folder exist, and may this user write to it?");
    if (::flock(lock_, LOCK_EX | LOCK_NB) != 0)
        give_up(path_,
                "another dialhookd uses this socket; stop it first, or set another server.socket and server.control");
}

void UnixListener::clear_the_path() const
{
    struct stat found
    {
    };
    if (::lstat(path_.c_str(), &found) != 0)
        return;
    if (!S_ISSOCK(found.st_mode))
        give_up(path_, "this exists and is not a socket; remove it, or set another path");
    if (is_alive(path_))
        give_up(path_, "another program listens on this socket; stop it first, or set another path");
    if (::unlink(path_.c_str()) != 0)
        give_up(path_, "the socket of a dead daemon cannot be removed: " + system_fault());
}

void UnixListener::bind(const SocketFile& file)
{
    socket_ = new_socket(path_);
    const sockaddr_un address = address_of(path_);

    // Nobody can connect until the mode and group are right: the file is made with mode 0.
    const mode_t before = ::umask(0777);
    const int bound = ::bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    ::umask(before);
    if (bound != 0)
        give_up(path_, "cannot listen here: " + system_fault());
    struct stat made
    {
    };
    if (::lstat(path_.c_str(), &made) == 0) {
        device_ = made.st_dev;
        inode_ = made.st_ino;
    }
    if (::listen(socket_, backlog) != 0)
        give_up(path_, "cannot listen here: " + system_fault());
    if (file.group && ::chown(path_.c_str(), static_cast<uid_t>(-1), *file.group) != 0)
        give_up(path_, "server.socket_group cannot be set: " + system_fault() + "; is this user in the group?");
    if (::chmod(path_.c_str(), file.mode) != 0)
        give_up(path_, "the mode cannot be set: " + system_fault());
}

} // namespace dialhook::daemon
