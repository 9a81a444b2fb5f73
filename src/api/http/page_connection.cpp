#include "api/http/page_connection.hpp"

#include "api/http/host.hpp"
#include "api/http/reports.hpp"
#include "api/http/scrape.hpp"

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <exception>
#include <utility>

namespace dialhook::status {
namespace {

namespace http = boost::beast::http;
using namespace std::chrono_literals;

/// From the first byte that could come to the end of the head: drip-feeding does not stretch it.
constexpr auto time_for_request = 10s;
constexpr auto time_for_next_request =
    75s; ///< to its first byte: Prometheus asks every minute, and keeps its connection
constexpr auto time_without_progress = 10s; ///< until the client takes some more of its answer
constexpr auto time_for_answer = 60s;       ///< all of it, drop by drop or not
constexpr auto standstill = 1s;             ///< whose answer moves less often than that is no better than who waits
constexpr std::uint32_t max_head = 8192;
constexpr int max_unread = 256 * 1024; ///< what the kernel holds for a client that does not read; it takes twice that

constexpr auto time_for_event = 10s;
constexpr auto between_events = 1s;

constexpr std::string_view metrics_text = "text/plain; version=0.0.4; charset=utf-8";
constexpr std::string_view event_stream = "text/event-stream";

/// Sets what every answer says. Nothing here is for other origins, for frames, or to be kept.
template <class Body>
void set_common_headers(http::response<Body>& response, std::string_view type)
{
    response.set(http::field::server, "dialhookd");
    response.set(http::field::content_type, type);
    response.set(http::field::cache_control, "no-store");
    response.set("X-Content-Type-Options", "nosniff");
    response.set("Cross-Origin-Resource-Policy", "same-origin");
    response.set("Referrer-Policy", "no-referrer");
    response.set("X-Frame-Options", "DENY");
}

std::string in_chunk(std::string_view text)
{
    std::array<char, 20> size; // NOLINT(cppcoreguidelines-pro-type-member-init): filled by the next line
    std::string chunk(size.data(), std::to_chars(size.data(), size.data() + size.size(), text.size(), 16).ptr);
    chunk += "\r\n";
    chunk += text;
    chunk += "\r\n";
    return chunk;
}

std::string_view path_of(std::string_view target)
{
    return target.substr(0, target.find('?'));
}

std::string_view query_of(std::string_view target)
{
    const auto path = path_of(target);
    return target.substr(std::min(target.size(), path.size() + 1));
}

} // namespace

PageConnection::PageConnection(Observer& observer, net::TcpSocket socket)
    : observer_(observer)
    , stream_(std::move(socket))
    , pause_(observer.context_)
    , input_(max_head + 4096)
{
    net::error_code ignored;
    stream_.socket().set_option(net::asio::socket_base::send_buffer_size(max_unread), ignored);
}

net::Awaitable<void> PageConnection::run(std::shared_ptr<PageConnection> self)
{
    try {
        bool goes_on = true;
        while (goes_on)
            goes_on = co_await serve_one();
    } catch (const std::exception&) {
        // Memory ran out: this client alone is turned away.
    }
    close();
    std::erase(observer_.connections_, self);
}

void PageConnection::close()
{
    pause_.cancel();
    stream_.close();
}

std::pair<PageConnection::Worth, net::TimePoint> PageConnection::standing(net::TimePoint now) const
{
    if (is_watched_)
        return {Worth::is_watched, moved_at_};
    return {is_answering_ && now - moved_at_ < standstill ? Worth::moves : Worth::stands_still, moved_at_};
}

/// Waits for the first byte of a further request. Returns false if none comes.
net::Awaitable<bool> PageConnection::wait_for_next()
{
    if (input_.size() != 0)
        co_return true;
    stream_.expires_after(time_for_next_request);
    const auto [error, size] = co_await stream_.async_read_some(input_.prepare(max_head), net::as_result);
    input_.commit(size);
    co_return !error;
}

void PageConnection::begin_answer(std::chrono::seconds time)
{
    is_answering_ = true;
    moved_at_ = net::Clock::now();
    answer_ends_at_ = moved_at_ + time;
    throw_unsent_away(true);
}

/// Restarts the deadline before each part of an answer: the part before it was taken.
void PageConnection::expect_progress()
{
    moved_at_ = net::Clock::now();
    stream_.expires_at(std::min(moved_at_ + time_without_progress, answer_ends_at_));
}

/// Ends an answer after all of it was written.
bool PageConnection::end_answer(bool goes_on)
{
    is_answering_ = false;
    moved_at_ = net::Clock::now();
    throw_unsent_away(false);
    return goes_on;
}

/// Resets the connection, so that the unread rest of a broken-off answer does not stay in the kernel for minutes,
/// uncounted.
void PageConnection::throw_unsent_away(bool at_close)
{
    net::error_code ignored;
    stream_.socket().set_option(net::asio::socket_base::linger(at_close, 0), ignored);
}

/// Serves one request. Returns false if it was the last one.
net::Awaitable<bool> PageConnection::serve_one()
{
    if (std::exchange(was_served_, true)) {
        const bool has_come = co_await wait_for_next();
        if (!has_come)
            co_return false;
    }
    http::request_parser<http::empty_body> parser;
    parser.header_limit(max_head);
    stream_.expires_after(time_for_request);
    const auto [error, size] = co_await http::async_read_header(stream_, input_, parser, net::as_result);
    if (error && error != http::error::header_limit)
        co_return false; // gone, too slow, or no HTTP
    begin_answer(time_for_answer);

    // GCC 12 mishandles temporaries that own memory in a co_await: each has a name.
    Page page;
    Request request;
    if (error) {
        page = head_too_long();
        request.keep_alive(false);
    } else if (!parser.is_done()) {
        page = body_not_wanted();
        request = parser.release();
        request.keep_alive(false);
    } else {
        request = parser.release();
        const std::string_view path = path_of(request.target());
        const bool is_get = request.method() == http::verb::get;
        if (path == "/metrics" && (is_get || request.method() == http::verb::head))
            co_return co_await send_metrics(request);
        if (path == "/events" && is_get && is_for_page(request))
            co_return co_await send_events(request);
        page = page_for(request);
    }
    co_return co_await send(request, page);
}

bool PageConnection::is_for_page(const Request& request) const
{
    return is_own_host(request[http::field::host], observer_.host_names());
}

Page PageConnection::page_for(const Request& request) const
{
    const std::string_view path = path_of(request.target());
    if (request.method() != http::verb::get && request.method() != http::verb::head)
        return wrong_method();
    if (path == "/healthz")
        return health(observer_.sources_.draining);
    if (path != "/" && path != "/events")
        return not_found();
    if (!is_for_page(request))
        return foreign_host();
    return path == "/" ? status_page() : wrong_method();
}

net::Awaitable<bool> PageConnection::send(const Request& request, const Page& page)
{
    http::response<http::string_body> response;
    response.version(request.version());
    response.result(page.status);
    set_common_headers(response, page.type);
    if (page.lists_methods)
        response.set(http::field::allow, "GET, HEAD");
    if (!page.content_security_policy.empty())
        response.set("Content-Security-Policy", page.content_security_policy);
    response.keep_alive(request.keep_alive());
    response.content_length(page.body.size());
    if (request.method() != http::verb::head)
        response.body() = page.body;
    http::response_serializer<http::string_body> serializer(response);
    while (!serializer.is_done()) {
        expect_progress();
        const auto [error, size] = co_await http::async_write_some(stream_, serializer, net::as_result);
        if (error)
            co_return false;
    }
    co_return end_answer(request.keep_alive());
}

/// Begins a streamed answer: chunked, or, with HTTP/1.0, up to the end of the connection.
net::Awaitable<bool> PageConnection::begin_stream(const Request& request, std::string_view type)
{
    is_chunked_ = request.version() == 11;
    http::response<http::empty_body> head(http::status::ok, request.version());
    set_common_headers(head, type);
    head.keep_alive(is_chunked_ && request.keep_alive());
    head.chunked(is_chunked_);
    http::response_serializer<http::empty_body> serializer(head);
    expect_progress();
    const auto [error, size] = co_await http::async_write_header(stream_, serializer, net::as_result);
    co_return !error;
}

net::Awaitable<bool> PageConnection::send_metrics(const Request& request)
{
    const bool has_begun = co_await begin_stream(request, metrics_text);
    if (!has_begun)
        co_return false;
    if (request.method() == http::verb::head)
        co_return end_answer(is_chunked_ && request.keep_alive());

    Scrape scrape(observer_.sources_);
    for (std::string text = scrape.next(); !text.empty(); text = scrape.next()) {
        const bool was_taken = co_await write_chunk(text);
        if (!was_taken)
            co_return false;
    }
    const bool was_whole = co_await write_chunk({});
    if (!was_whole)
        co_return false;
    co_return end_answer(is_chunked_ && request.keep_alive());
}

/// Sends events until the browser disconnects or stops reading.
net::Awaitable<bool> PageConnection::send_events(const Request& request)
{
    const Observer::Watching watching(observer_);
    if (!watching) {
        const Page page = too_many_watchers();
        co_return co_await send(request, page);
    }
    const bool has_begun = co_await begin_stream(request, event_stream);
    if (!has_begun)
        co_return false;
    PageView view = read_view(query_of(request.target()));
    while (stream_.socket().is_open()) {
        observer_.activity_->update(observer_.sources_, net::Clock::now());
        const std::string event = "data: " + page_report(observer_.sources_, *observer_.activity_, view) + "\n\n";
        is_watched_ = false;
        begin_answer(time_for_event);
        const bool was_taken = co_await write_chunk(event);
        if (!was_taken)
            break;
        is_watched_ = true;
        stream_.expires_never();
        pause_.expires_after(between_events);
        const auto [cancelled] = co_await pause_.async_wait(net::as_result);
        if (cancelled)
            break;
    }
    co_return false;
}

/// Writes a part of a streamed answer; an empty one ends it.
net::Awaitable<bool> PageConnection::write_chunk(std::string_view text)
{
    std::string chunk;
    if (is_chunked_) {
        chunk = in_chunk(text);
        text = chunk;
    }
    while (!text.empty()) {
        expect_progress();
        const auto [error, size] = co_await stream_.async_write_some(net::asio::buffer(text), net::as_result);
        if (error)
            co_return false;
        text.remove_prefix(size);
    }
    co_return true;
}

} // namespace dialhook::status
