#include "daemon/passed_sockets.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <system_error>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>

namespace dialhook::daemon {
namespace {

bool listens_on_unix_socket(int descriptor)
{
    return ::sd_is_socket_unix(descriptor, SOCK_STREAM, 1, nullptr, 0) > 0;
}

bool listens_on_tcp(int descriptor)
{
    return ::sd_is_socket_inet(descriptor, AF_UNSPEC, SOCK_STREAM, 1, 0) > 0;
}

struct Kind
{
    std::string_view name;
    bool (*fits)(int descriptor);
    std::string_view expected;
};

constexpr std::string_view unix_path = "a Unix stream socket that listens, as ListenStream=/PATH makes it";
constexpr std::string_view tcp_port = "a TCP socket that listens, as ListenStream=ADDRESS:PORT makes it";
constexpr std::array<Kind, 4> kinds{{{"engine", listens_on_unix_socket, unix_path},
                                     {"control", listens_on_unix_socket, unix_path},
                                     {"fastagi", listens_on_tcp, tcp_port},
                                     {"http", listens_on_tcp, tcp_port}}};

struct FreeNames
{
    void operator()(char** names) const
    {
        for (char** name = names; *name != nullptr; ++name)
            std::free(*name);
        std::free(names);
    }
};

[[noreturn]] void refuse(std::string_view name, std::string_view why)
{
    throw std::runtime_error("the socket that systemd passed as '" + std::string(name) + "': " + std::string(why));
}

} // namespace

PassedSockets PassedSockets::from_environment()
{
    char** raw = nullptr;
    const int count = ::sd_listen_fds_with_names(0, &raw);
    const std::unique_ptr<char*, FreeNames> names(raw);
    if (count < 0)
        throw std::runtime_error("LISTEN_FDS, LISTEN_PID and LISTEN_FDNAMES, where systemd says which sockets it "
                                 "passes, make no sense together");
    PassedSockets passed;
    for (int index = 0; index < count; ++index)
        passed.add(names.get()[index], SD_LISTEN_FDS_START + index);
    return passed;
}

void PassedSockets::add(std::string_view name, int descriptor)
{
    const auto* const kind =
        std::find_if(kinds.begin(), kinds.end(), [&](const Kind& each) { return each.name == name; });
    if (kind == kinds.end())
        refuse(name, "FileDescriptorName= in its unit must be engine, control, fastagi or http");
    if (std::any_of(sockets_.begin(), sockets_.end(), [&](const Socket& socket) { return socket.name == name; }))
        refuse(name, "there is a second one of this name; one ListenStream= in one unit is served");
    if (!kind->fits(descriptor))
        refuse(name, "it is of the wrong kind, expected " + std::string(kind->expected));
    sockets_.push_back({kind->name, descriptor});
}

PassedSockets PassedSockets::duplicates() const
{
    PassedSockets same;
    for (const Socket& socket : sockets_) {
        const int descriptor = ::fcntl(socket.descriptor, F_DUPFD_CLOEXEC, SD_LISTEN_FDS_START);
        if (descriptor < 0) {
            const int why = errno;
            same.close();
            throw std::system_error(why, std::generic_category(), "a passed socket");
        }
        same.sockets_.push_back({socket.name, descriptor});
    }
    return same;
}

void PassedSockets::close()
{
    for (const Socket& socket : sockets_)
        ::close(socket.descriptor);
    sockets_.clear();
}

std::filesystem::path PassedSockets::folder() const
{
    std::filesystem::path folder;
    for (const Socket& socket : sockets_) {
        sockaddr_un address{};
        socklen_t size = sizeof address;
        const bool is_file = ::getsockname(socket.descriptor, reinterpret_cast<sockaddr*>(&address), &size) == 0 &&
                             address.sun_family == AF_UNIX && address.sun_path[0] == '/';
        if (is_file && (folder.empty() || socket.name == "control"))
            folder = std::filesystem::path(address.sun_path).parent_path();
    }
    return folder;
}

std::optional<int> PassedSockets::take(std::string_view name)
{
    const auto found =
        std::find_if(sockets_.begin(), sockets_.end(), [&](const Socket& socket) { return socket.name == name; });
    if (found == sockets_.end())
        return std::nullopt;
    const int descriptor = found->descriptor;
    sockets_.erase(found);
    return descriptor;
}

} // namespace dialhook::daemon
