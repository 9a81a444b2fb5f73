#pragma once

#include "net/loop/asio.hpp"
#include "net/loop/timer_wheel.hpp"

#include <ares.h>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>

#include <functional>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace dialhook::net {

enum class Family : unsigned char
{
    v4,
    v6
};

/// The answer to one query.
struct DnsAnswer
{
    enum class Status : unsigned char
    {
        answered,  ///< `addresses` has at least one
        no_data,   ///< the name exists, without addresses of this family
        not_found, ///< the name does not exist
        timeout,   ///< no server answered
        failed,    ///< a server answered that it cannot, or what came makes no sense
        resources, ///< this machine is out of descriptors
        dropped    ///< the channel was closed meanwhile
    };

    Status status = Status::failed;
    std::vector<asio::ip::address> addresses;
    std::chrono::seconds ttl{0}; ///< of the shortest-lived record
};

/// Runs c-ares on this thread's event loop: waits on its sockets and drives its timeouts.
///
/// Repeats a query whose answer is too long for UDP over TCP, on a channel of its own: when a TCP connection breaks,
/// c-ares gives up all queries of the same channel to that server.
class DnsChannel
{
public:
    using Callback = std::function<void(DnsAnswer)>;
    using Servers = std::vector<asio::ip::udp::endpoint>;

    enum class Transport : unsigned char
    {
        udp_then_tcp,
        tcp
    };

    DnsChannel(asio::io_context& context, TimerWheel& wheel, Servers servers,
               Transport transport = Transport::udp_then_tcp);
    ~DnsChannel();
    DnsChannel(const DnsChannel&) = delete;
    DnsChannel& operator=(const DnsChannel&) = delete;

    /// Queries the addresses of `name`. Calls `callback` exactly once, perhaps before this returns.
    void ask(const std::string& name, Family family, Callback callback);

    /// Returns the servers of the system's resolv.conf. Reads a file.
    static Servers system_servers();

private:
    struct Question;
    struct Watch;

    static void answered(void* argument, int code, int timeouts, unsigned char* message, int size);
    void ask_over_tcp(Question question);
    static void socket_changed(void* self, ares_socket_t socket, int readable, int writable);
    void wait(const std::shared_ptr<Watch>& watch, asio::posix::descriptor_base::wait_type direction);
    void process(ares_socket_t readable, ares_socket_t writable);
    void schedule_timeout();

    struct TimeoutTimer final : TimerWheel::Timer
    {
        explicit TimeoutTimer(DnsChannel& channel)
            : channel_(channel)
        {
        }
        void expired() override { channel_.process(ARES_SOCKET_BAD, ARES_SOCKET_BAD); }
        DnsChannel& channel_;
    };

    asio::io_context& context_;
    TimerWheel& wheel_;
    Servers servers_;
    Transport transport_;
    ares_channel channel_ = nullptr;
    std::unordered_map<ares_socket_t, std::shared_ptr<Watch>> watches_;
    TimeoutTimer timeout_;
    std::list<std::unique_ptr<DnsChannel>> over_tcp_; ///< one for each query over TCP
};

} // namespace dialhook::net
