#pragma once

#include "net/dns/hosts_file.hpp"
#include "net/loop/asio.hpp"
#include "net/loop/failure.hpp"
#include "net/loop/timer_wheel.hpp"

#include <boost/asio/ip/udp.hpp>

#include <memory>
#include <string>
#include <vector>

namespace dialhook::net {

class AddressUser;

/// Whom to ask for addresses.
struct ResolverSettings
{
    std::vector<asio::ip::udp::endpoint> servers; ///< in order; not empty
    std::shared_ptr<const HostsFile> hosts;       ///< asked before any server

    /// `servers`, or those of the system's resolv.conf if there are none, and the system's hosts file. Reads files, and
    /// so may block: for the thread that loads the configuration.
    static ResolverSettings of_system(std::vector<asio::ip::udp::endpoint> servers);
};

using Addresses = std::vector<asio::ip::address>;

/// Addresses of web servers, for one thread: hosts file, cache, then DNS by c-ares on the event loop.
///
/// A and AAAA are asked apart; when one has come, the other one is waited for by 50 ms at most (RFC 8305, 3). Answers
/// are kept for their TTL, at most an hour. When DNS fails or is slow, the last known addresses serve for up to an hour
/// after that (RFC 8767). Names are absolute: no search domains. Equal questions at the same moment are asked once. A
/// name whose addresses are in use is asked for again when its TTL is over, though not more often than each 5 s.
class Resolver
{
public:
    Resolver(asio::io_context& context, TimerWheel& wheel, ResolverSettings settings);
    ~Resolver();

    /// The addresses of `host` (lower case, no literal address), at least one. `patience` is how long an answer may
    /// take where an older one is at hand.
    Awaitable<Result<Addresses>> resolve(const std::string& host, std::chrono::milliseconds patience,
                                         Cancellation& cancellation);

    /// Tells `user` when `host` does not have its address any more, by DNS or by the hosts file, perhaps before this
    /// returns. `host` as above.
    void follow(const std::string& host, AddressUser& user);

    /// Asks other servers from now on; what is known stays as the last resort.
    void configure(ResolverSettings settings);

    /// Breaks off all questions.
    void close();

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace dialhook::net
