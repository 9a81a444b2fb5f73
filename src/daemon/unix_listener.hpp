#pragma once

#include "net/loop/asio.hpp"

#include <sys/types.h>

#include <optional>
#include <string>

namespace dialhook::daemon {

/// How a socket file is made.
struct SocketFile
{
    std::string path;
    mode_t mode = 0600;
    std::optional<gid_t> group;
};

/// A listening Unix socket that systemd opened and passed.
struct PassedSocket
{
    int descriptor;
};

/// A listening Unix socket and the file that names it.
///
/// The file of another running daemon is never taken; one that a dead daemon left behind is replaced. Who may do that
/// is settled by a lock on `PATH.lock`, which the kernel releases however a daemon ends. Both files are removed at the
/// end, if they are still ours. With a passed socket all of that is systemd's business.
class UnixListener
{
public:
    /// Throws std::runtime_error with a sentence that names the path and what helps.
    explicit UnixListener(const SocketFile& file);
    explicit UnixListener(PassedSocket passed);
    ~UnixListener();
    UnixListener(const UnixListener&) = delete;
    UnixListener& operator=(const UnixListener&) = delete;

    /// Returns the listening socket; given away once.
    int release();

    /// Returns where it listens; a socket in the abstract namespace begins with `@`.
    const std::string& path() const { return path_; }
    bool is_passed() const { return is_passed_; }

private:
    std::string lock_name() const { return path_ + ".lock"; }
    void lock();
    void unlock();
    void clear_the_path() const;
    void bind(const SocketFile& file);

    std::string path_;
    bool is_passed_ = false;
    int lock_ = -1;
    int socket_ = -1;
    dev_t device_ = 0;
    ino_t inode_ = 0;
};

} // namespace dialhook::daemon
