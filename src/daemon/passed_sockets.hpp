#pragma once

#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

namespace dialhook::daemon {

/// The listening sockets that systemd opened for the daemon (sd_listen_fds_with_names(3)), by the names that
/// `FileDescriptorName=` of their units gives them: `engine`, `control`, `fastagi` and `http`. None without systemd.
class PassedSockets
{
public:
    /// Throws std::runtime_error when a socket has another name, comes twice, or is of the wrong kind: left alone, it
    /// would take connections that are never answered.
    static PassedSockets from_environment();

    /// Returns the descriptor of the socket of this name, if one was passed. It is the caller's from then on.
    std::optional<int> take(std::string_view name);

    /// Returns the same sockets under descriptors of their own: what takes these may fail and close them. Throws
    /// std::system_error.
    PassedSockets duplicates() const;

    /// Closes those that were not taken; systemd keeps its own.
    void close();

    bool empty() const { return sockets_.empty(); }

    /// Returns the folder of the Unix socket through which dialhookctl asks, or else of the engines' one; empty:
    /// neither was passed.
    std::filesystem::path folder() const;

private:
    struct Socket
    {
        std::string_view name;
        int descriptor;
    };

    void add(std::string_view name, int descriptor);

    std::vector<Socket> sockets_;
};

} // namespace dialhook::daemon
