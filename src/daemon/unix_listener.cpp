#include "daemon/unix_listener.hpp"

#include <fcntl.h>
#include <pwd.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <utility>
#include <vector>

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
        give_up(path, "cannot create a socket: " + system_fault());
    return socket;
}

/// Returns the error of an attempt to connect, 0 if there was none.
int connect_error(const std::string& path)
{
    const int probe = new_socket(path);
    const sockaddr_un address = address_of(path);
    const int error = ::connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 ? 0 : errno;
    ::close(probe);
    return error;
}

std::string name_of(uid_t user)
{
    passwd entry{};
    passwd* found = nullptr;
    std::vector<char> strings(16384);
    if (::getpwuid_r(user, &entry, strings.data(), strings.size(), &found) == 0 && found != nullptr)
        return "user " + std::string(entry.pw_name);
    return "user id " + std::to_string(user);
}

/// Returns whose a file is, if it is another user's.
std::optional<std::string> other_owner(const std::string& path)
{
    struct stat found
    {
    };
    if (::lstat(path.c_str(), &found) != 0 || found.st_uid == ::geteuid())
        return std::nullopt;
    return name_of(found.st_uid);
}

/// Says why the lock cannot be opened, and what helps.
std::string lock_fault(const std::string& lock, int error)
{
    std::string cannot = "cannot open " + lock + ": " + std::strerror(error);
    const std::string folder = std::filesystem::path(lock).parent_path().string();
    const std::string daemons_user = name_of(::geteuid());
    if (const auto owner = other_owner(lock); owner && error == EACCES)
        return cannot + "; it belongs to " + *owner + ", and this dialhookd runs as " + daemons_user +
               ". If no dialhookd of " + *owner + " runs any more, remove it: rm " + lock;
    if (error == ENOENT)
        return cannot + "; the folder " + folder + " does not exist: make it, and give it to " + daemons_user;
    if (error == EACCES)
        return cannot + "; " + daemons_user + " may not write to the folder " + folder + ", which belongs to " +
               other_owner(folder).value_or(daemons_user);
    if (error == ELOOP)
        return cannot + "; it is a symbolic link, which is not followed: remove it";
    return cannot;
}

bool is_at(const std::string& path, int descriptor)
{
    struct stat there
    {
    };
    struct stat opened
    {
    };
    return ::lstat(path.c_str(), &there) == 0 && ::fstat(descriptor, &opened) == 0 && there.st_dev == opened.st_dev &&
           there.st_ino == opened.st_ino;
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
        unlock();
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
    unlock();
}

int UnixListener::release()
{
    return std::exchange(socket_, -1);
}

void UnixListener::lock()
{
    const std::string name = lock_name();
    while (true) {
        lock_ = ::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (lock_ < 0)
            give_up(path_, lock_fault(name, errno));
        if (::flock(lock_, LOCK_EX | LOCK_NB) != 0) {
            ::close(std::exchange(lock_, -1)); // theirs: it stays
            give_up(
                path_,
                "another dialhookd uses this socket; stop it first, or set another server.socket and server.control");
        }
        // A daemon that ended in between has removed the file: the lock on it excludes no other daemon.
        if (is_at(name, lock_))
            return;
        ::close(std::exchange(lock_, -1));
    }
}

void UnixListener::unlock()
{
    if (lock_ < 0)
        return;
    if (is_at(lock_name(), lock_))
        ::unlink(lock_name().c_str());
    ::close(std::exchange(lock_, -1));
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
    // A full queue (EAGAIN) is an answer of the living too.
    const int error = connect_error(path_);
    if (const auto owner = other_owner(path_); owner && error == EACCES)
        give_up(path_, "this socket belongs to " + *owner + ", and " + name_of(::geteuid()) +
                           " may not connect to it. If no dialhookd of " + *owner + " runs any more, remove it: rm " +
                           path_);
    if (error != ECONNREFUSED)
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
