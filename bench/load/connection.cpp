#include "connection.hpp"

#include "scenario.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <system_error>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <stdexcept>

namespace dialhook::bench {
namespace {

constexpr std::size_t receive_buffer = 256 * 1024;
constexpr std::size_t errors_shown = 5;
constexpr std::string_view loopback = "127.0.0.1:";

[[noreturn]] void fail(const char* what)
{
    throw std::system_error{errno, std::generic_category(), what};
}

int connected(const sockaddr* address, socklen_t size, const std::string& name)
{
    const int socket = ::socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (socket < 0)
        fail("socket");
    if (::connect(socket, address, size) != 0) {
        const int error = errno;
        ::close(socket);
        throw std::system_error{error, std::generic_category(), "connect to " + name};
    }
    return socket;
}

int connect_to_port(const std::string& text)
{
    const auto digits = std::string_view{text}.substr(loopback.size());
    std::uint16_t port = 0;
    if (std::from_chars(digits.data(), digits.data() + digits.size(), port).ec != std::errc{})
        throw std::invalid_argument{"no port: " + text};
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int socket = connected(reinterpret_cast<const sockaddr*>(&address), sizeof address, text);
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return socket;
}

int connect_to(const std::filesystem::path& path)
{
    if (path.native().starts_with(loopback))
        return connect_to_port(path.native());
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.native().size() >= sizeof address.sun_path)
        throw std::invalid_argument{"socket path too long: " + path.native()};
    std::memcpy(address.sun_path, path.c_str(), path.native().size());
    return connected(reinterpret_cast<const sockaddr*>(&address), sizeof address, path.native());
}

bool belongs(std::string_view caller, const Call& call)
{
    return caller.empty() || (caller.starts_with(scenario::caller_prefix) &&
                              caller.substr(scenario::caller_prefix.size()) == call.caller_digits());
}

} // namespace

Connection::Connection(const Protocol& protocol, const std::filesystem::path& socket, std::size_t calls_at_once)
    : protocol_{protocol}
    , socket_{connect_to(socket)}
    , slots_(calls_at_once)
    , received_(receive_buffer)
{
}

Connection::~Connection()
{
    ::close(socket_);
}

void Connection::start(const Call& call, Clock::time_point started)
{
    const auto slot = std::ranges::find(slots_, false, &Slot::used);
    if (slot == slots_.end())
        throw std::logic_error{"more calls than slots"};
    *slot = {call, started, true};
    ++under_way_;
    protocol_.append_request(call, requests_);
}

void Connection::flush()
{
    if (requests_.empty())
        return;
    const auto sent = ::send(socket_, requests_.data(), requests_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0)
        fail("send");
    if (static_cast<std::size_t>(sent) != requests_.size())
        throw std::runtime_error{"the peer does not read its requests"};
    requests_.clear();
}

void Connection::receive(Outcome& outcome)
{
    const auto got = ::recv(socket_, received_.data() + filled_, received_.size() - filled_, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got < 0)
        fail("recv");
    if (got == 0)
        throw std::runtime_error{"the peer closed a connection"};
    const auto now = Clock::now();
    filled_ += static_cast<std::size_t>(got);

    std::string_view rest{received_.data(), filled_};
    while (const auto answer = protocol_.first_answer(rest)) {
        enter(*answer, rest.substr(0, answer->size), now, outcome);
        rest.remove_prefix(answer->size);
    }
    if (rest.size() == received_.size())
        throw std::runtime_error{"an answer without end"};
    if (rest.size() != filled_)
        std::memmove(received_.data(), rest.data(), rest.size());
    filled_ = rest.size();
}

void Connection::enter(const Answer& answer, std::string_view text, Clock::time_point now, Outcome& outcome)
{
    const auto slot = slot_of(answer);
    auto fault = answer.fault;
    if (fault.empty() && !slot)
        fault = "an answer to a call that is not under way";
    if (fault.empty() && !belongs(answer.caller, slot->call))
        fault = "the caller of another call";
    if (!fault.empty()) {
        ++outcome.errors;
        if (outcome.first_errors.size() < errors_shown)
            outcome.first_errors.push_back(std::string{fault}.append(": ").append(text));
    }
    if (!slot)
        return;
    outcome.latency.record(now - slot->started);
    if (outcome.each)
        outcome.each->push_back({slot->started, now - slot->started});
    slot->used = false;
    --under_way_;
}

Connection::Slot* Connection::slot_of(const Answer& answer)
{
    const auto slot = std::ranges::find_if(slots_, [&](const Slot& candidate) {
        return candidate.used && (!answer.id || candidate.call.id() == *answer.id);
    });
    return slot == slots_.end() ? nullptr : &*slot;
}

} // namespace dialhook::bench
