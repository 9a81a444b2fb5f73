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

/// Where addresses come from.
struct ResolverSettings
{
    std::vector<asio::ip::udp::endpoint> servers; ///< in order; not empty
    std::shared_ptr<const HostsFile> hosts;       ///< asked before any server

    /// Returns `servers`, or those of the system's resolv.conf if there are none, and the system's hosts file. Reads
    /// files and may block: for the loading thread.
    static ResolverSettings of_system(std::vector<asio::ip::udp::endpoint> servers);
};

using Addresses = std::vector<asio::ip::address>;

/// Resolves names of web servers, for one thread: hosts file, cache, then DNS by c-ares on the event loop.
/// Queries A and AAAA separately; after the first answer waits at most 50 ms for the other (RFC 8305, 3). Caches
/// answers for their TTL, at most an hour. While DNS fails or is slow, serves stale addresses for up to another hour
/// (RFC 8767). Names are absolute: no search domains. Concurrent queries for one name are merged. A name in use is
/// queried again when its TTL expires, at most every 5 s.
class Resolver
{
public:
    Resolver(asio::io_context& context, TimerWheel& wheel, ResolverSettings settings);
    ~Resolver();

    /// Returns the addresses of `host` (lower case, no literal address), at least one. Waits at most `patience` if
    /// stale addresses are at hand.
    Awaitable<Result<Addresses>> resolve(const std::string& host, std::chrono::milliseconds patience,
                                         Cancellation& cancellation);

    /// Calls `user` when `host` no longer has its address, by DNS or the hosts file, perhaps before this returns.
    /// `host` as above.
    void follow(const std::string& host, AddressUser& user);

    /// Switches to other servers. Cached addresses stay as stale ones.
    void configure(ResolverSettings settings);

    /// Breaks off all queries.
    void close();

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace dialhook::net
