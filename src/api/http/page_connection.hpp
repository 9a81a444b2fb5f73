#pragma once

#include "api/http/observer.hpp"
#include "api/http/pages.hpp"
#include "net/loop/asio.hpp"

#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>

#include <chrono>
#include <memory>
#include <string_view>
#include <utility>

namespace dialhook::status {

/// One connection to `server.http`. Every step has a deadline.
class PageConnection
{
public:
    /// Order in which connections are evicted, first ones first.
    enum class Worth : unsigned char
    {
        stands_still, ///< waits for a request, however much of one has come, or nothing of its answer is taken
        moves,        ///< takes an answer
        is_watched    ///< follows events, and has taken the last one
    };

    PageConnection(Observer& observer, net::TcpSocket socket);

    net::Awaitable<void> run(std::shared_ptr<PageConnection> self);

    /// Returns its worth and the time of its last progress: a whole request, or a part of an answer that was taken.
    std::pair<Worth, net::TimePoint> standing(net::TimePoint now) const;

    void close();

private:
    using Request = boost::beast::http::request<boost::beast::http::empty_body>;

    net::Awaitable<bool> serve_one();
    net::Awaitable<bool> wait_for_next();
    void begin_answer(std::chrono::seconds time);
    void expect_progress();
    bool end_answer(bool goes_on);
    void throw_unsent_away(bool at_close);
    Page page_for(const Request& request) const;
    bool is_for_page(const Request& request) const;
    net::Awaitable<bool> send(const Request& request, const Page& page);
    net::Awaitable<bool> send_metrics(const Request& request);
    net::Awaitable<bool> send_events(const Request& request);
    net::Awaitable<bool> begin_stream(const Request& request, std::string_view type);
    net::Awaitable<bool> write_chunk(std::string_view text);

    Observer& observer_;
    boost::beast::basic_stream<net::asio::ip::tcp, net::Executor> stream_;
    net::SteadyTimer pause_; ///< between two events
    boost::beast::flat_buffer input_;
    net::TimePoint moved_at_ = net::Clock::now(); ///< the last progress
    net::TimePoint answer_ends_at_;               ///< however much of it was taken by then
    bool is_answering_ = false;
    bool is_watched_ = false;
    bool was_served_ = false;
    bool is_chunked_ = false; ///< the answer under way
};

} // namespace dialhook::status
