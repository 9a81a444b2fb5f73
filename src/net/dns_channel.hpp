#pragma once

#include <dialhook/net/asio.hpp>
#include <dialhook/net/timer_wheel.hpp>

#include <ares.h>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>

#include <functional>
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

/// What DNS said to one question.
struct DnsAnswer
{
    enum class Status : unsigned char
    {
        answered,  ///< `addresses` has at least one
        no_data,   ///< the name exists, without addresses of this family
        not_found, ///< the name does not exist
        timeout,   ///< no server answered
        failed,    ///< a server answered that it cannot, or what came makes no sense
        dropped    ///< the channel was closed meanwhile
    };

    Status status = Status::failed;
    std::vector<asio::ip::address> addresses;
    std::chrono::seconds ttl{0}; ///< of the shortest-lived record
};

/// c-ares on this thread's event loop. It waits on the sockets that c-ares opens, and tells it of the time.
class DnsChannel
{
public:
    using Callback = std::function<void(DnsAnswer)>;

    DnsChannel(asio::io_context& context, TimerWheel& wheel, const std::vector<asio::ip::udp::endpoint>& servers);
    ~DnsChannel();

    /// Asks for the addresses of `name`. `callback` runs exactly once, perhaps before this returns.
    void ask(const std::string& name, Family family, Callback callback);

    /// The servers of the system's resolv.conf. Reads a file.
    static std::vector<asio::ip::udp::endpoint> system_servers();

private:
    struct Watch;

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
    ares_channel channel_ = nullptr;
    std::unordered_map<ares_socket_t, std::shared_ptr<Watch>> watches_;
    TimeoutTimer timeout_;
};

} // namespace dialhook::net
