#pragma once

#include "status/pages.hpp"

#include <dialhook/net/asio.hpp>
#include <dialhook/status/observer.hpp>

#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace dialhook::status {

/// One client of `server.http`. Every step has a deadline, so nobody holds a connection for longer than they are worth.
class Connection
{
public:
    Connection(Observer& observer, net::TcpSocket socket);

    net::Awaitable<void> run(std::shared_ptr<Connection> self);

    /// Whether no request of it is being answered.
    bool is_waiting() const { return is_waiting_; }

    void close();

private:
    using Request = boost::beast::http::request<boost::beast::http::empty_body>;

    net::Awaitable<bool> serve_one();
    Page page_for(const Request& request) const;
    bool is_for_page(const Request& request) const;
    net::Awaitable<bool> send(const Request& request, const Page& page);
    net::Awaitable<bool> send_metrics(const Request& request);
    net::Awaitable<bool> send_events(const Request& request);
    net::Awaitable<bool> begin_stream(const Request& request, std::string_view type);
    net::Awaitable<bool> write(std::string_view text);

    Observer& observer_;
    boost::beast::basic_stream<net::asio::ip::tcp, net::Executor> stream_;
    net::SteadyTimer pause_; ///< between two events
    boost::beast::flat_buffer input_;
    bool is_waiting_ = true;
    bool was_served_ = false;
    bool is_chunked_ = false; ///< the answer under way
};

} // namespace dialhook::status
