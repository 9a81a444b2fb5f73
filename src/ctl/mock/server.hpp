#pragma once

#include "ctl/mock/rules.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <functional>
#include <memory>
#include <string_view>

namespace dialhook::mock {

/// A web server that answers by rules: HTTP/1.0 and 1.1, keep-alive, any number of connections at once. It runs on one
/// thread, that of `io`, and ends when `io` is stopped.
class Server
{
public:
    /// Gets one line for each request, without a line end, before the answer is sent.
    using Log = std::function<void(std::string_view line)>;

    /// Listens at once; requests are answered from when `io` runs. Throws `boost::system::system_error` when it cannot
    /// listen there. `io` must live longer than the server.
    Server(boost::asio::io_context& io, const boost::asio::ip::tcp::endpoint& where, ReplyRules rules, Log log);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// Returns where it listens; the port is the real one when 0 was asked for.
    [[nodiscard]] boost::asio::ip::tcp::endpoint endpoint() const;

private:
    struct Shared;
    std::shared_ptr<Shared> shared_;
};

} // namespace dialhook::mock
