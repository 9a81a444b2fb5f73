#include "ctl/mock/server.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <array>
#include <optional>
#include <sstream>

namespace dialhook::mock {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::uint32_t max_head = 64 * 1024;
constexpr std::uint64_t max_body = 1024UL * 1024;

/// Errors of the network come back as values: a client that goes away is nothing unusual.
constexpr auto as_value = asio::as_tuple(asio::use_awaitable);

using Parser = http::request_parser<http::string_body>;

asio::awaitable<void> pause(std::chrono::milliseconds time)
{
    asio::steady_timer timer(co_await asio::this_coro::executor, time);
    co_await timer.async_wait(as_value);
}

/// A response as the bytes that go out.
struct Message
{
    std::string bytes;
    bool keeps_connection;
};

Message message_of(const MockResponse& response, const Parser::value_type& request)
{
    http::response<http::string_body> message(static_cast<http::status>(response.status), request.version());
    message.set(http::field::server, "dialhook-mock");
    message.set(http::field::content_type, response.is_json ? "application/json" : "application/x-www-form-urlencoded");
    bool has_own_framing = false;
    for (const auto& [name, value] : response.headers) {
        // The first one replaces ours, further ones of the same name stand beside it (Set-Cookie).
        const bool is_ours = http::string_to_field(name) == http::field::server ||
                             http::string_to_field(name) == http::field::content_type;
        if (is_ours)
            message.set(name, value);
        else
            message.insert(name, value);
        has_own_framing |= http::string_to_field(name) == http::field::content_length ||
                           http::string_to_field(name) == http::field::transfer_encoding;
    }
    message.body() = response.body;
    // Who states a length or a coding wants to see what a client makes of it, right or wrong.
    message.keep_alive(request.keep_alive() && !has_own_framing);
    if (!has_own_framing)
        message.prepare_payload();

    std::ostringstream text;
    text << message;
    std::string bytes = std::move(text).str();
    if (request.method() == http::verb::head)
        bytes.erase(bytes.find("\r\n\r\n") + 4);
    return {std::move(bytes), message.keep_alive()};
}

asio::awaitable<bool> send(tcp::socket& socket, std::string bytes, std::optional<std::chrono::milliseconds> drip)
{
    const std::size_t step = drip ? 1 : bytes.size();
    for (std::size_t sent = 0; sent < bytes.size(); sent += step) {
        if (drip && sent > 0)
            co_await pause(*drip);
        const auto [error, count] =
            co_await asio::async_write(socket, asio::buffer(bytes.data() + sent, step), as_value);
        if (error)
            co_return false;
    }
    co_return true;
}

/// Returns when the client has closed the connection.
asio::awaitable<void> wait_for_end(tcp::socket& socket)
{
    std::array<char, 4096> ignored{};
    for (;;) {
        const auto [error, count] = co_await socket.async_read_some(asio::buffer(ignored), as_value);
        if (error)
            co_return;
    }
}

/// Reads one request into `parser`; `100 Continue` is said to a client that waits for it.
asio::awaitable<error_code> read(tcp::socket& socket, boost::beast::flat_buffer& buffer, Parser& parser)
{
    const auto [head_error, head_bytes] = co_await http::async_read_header(socket, buffer, parser, as_value);
    if (head_error)
        co_return head_error;
    if (parser.get()[http::field::expect] == "100-continue") {
        const bool sent = co_await send(socket, "HTTP/1.1 100 Continue\r\n\r\n", std::nullopt);
        if (!sent)
            co_return http::error::end_of_stream;
    }
    const auto [error, bytes] = co_await http::async_read(socket, buffer, parser, as_value);
    co_return error;
}

bool is_malformed_request(const error_code& error)
{
    return error.category() == http::make_error_code(http::error::bad_method).category() &&
           error != http::error::end_of_stream && error != http::error::partial_message;
}

void break_off(tcp::socket& socket)
{
    error_code ignored;
    socket.set_option(asio::socket_base::linger(true, 0), ignored);
    socket.close(ignored);
}

} // namespace

struct Server::Shared
{
    tcp::acceptor acceptor;
    ReplyRules rules;
    Log log;

    static asio::awaitable<void> accept(std::shared_ptr<Shared> server);
    static asio::awaitable<void> serve(std::shared_ptr<Shared> server, tcp::socket socket);
    /// Returns whether another request may follow on the connection.
    asio::awaitable<bool> answer(const Parser::value_type& message, tcp::socket& socket) const;
};

asio::awaitable<void> Server::Shared::accept(std::shared_ptr<Shared> server)
{
    for (;;) {
        auto [error, socket] = co_await server->acceptor.async_accept(as_value);
        if (error == asio::error::operation_aborted)
            co_return;
        if (error) {
            // No descriptors left, mostly: those who are here must go before others can come.
            co_await pause(std::chrono::milliseconds(50));
            continue;
        }
        asio::co_spawn(server->acceptor.get_executor(), serve(server, std::move(socket)), asio::detached);
    }
}

asio::awaitable<void> Server::Shared::serve(std::shared_ptr<Shared> server, tcp::socket socket)
{
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    boost::beast::flat_buffer buffer;
    for (;;) {
        Parser parser;
        parser.header_limit(max_head);
        parser.body_limit(max_body);
        const error_code error = co_await read(socket, buffer, parser);
        if (is_malformed_request(error)) {
            server->log("not a request: " + error.message() + " -> 400");
            co_await send(socket, "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
                          std::nullopt);
        }
        if (error)
            break;
        const bool goes_on = co_await server->answer(parser.get(), socket);
        if (!goes_on)
            break;
    }
    socket.shutdown(tcp::socket::shutdown_both, ignored);
}

asio::awaitable<bool> Server::Shared::answer(const Parser::value_type& message, tcp::socket& socket) const
{
    const auto text = [](boost::beast::string_view view) { return std::string_view(view.data(), view.size()); };
    const MockRequest request = read_request(text(message.method_string()), text(message.target()),
                                             text(message[http::field::content_type]), message.body());
    const Rule& rule = rule_for(request, rules);
    log(log_line(request, rule));
    if (rule.delay.count() > 0)
        co_await pause(rule.delay);

    if (std::holds_alternative<Hang>(rule.answer)) {
        co_await wait_for_end(socket);
        co_return false;
    }
    if (std::holds_alternative<Reset>(rule.answer)) {
        break_off(socket);
        co_return false;
    }
    const auto* respond = std::get_if<Respond>(&rule.answer);
    if (respond == nullptr)
        co_return false;
    Message response = message_of(fill_in(*respond, request), message);
    const bool sent = co_await send(socket, std::move(response.bytes), respond->drip);
    co_return sent&& response.keeps_connection;
}

Server::Server(asio::io_context& io, const tcp::endpoint& where, ReplyRules rules, Log log)
    : shared_(std::make_shared<Shared>(Shared{tcp::acceptor(io, where), std::move(rules), std::move(log)}))
{
    asio::co_spawn(io, Shared::accept(shared_), asio::detached);
}

Server::~Server() = default;

tcp::endpoint Server::endpoint() const
{
    return shared_->acceptor.local_endpoint();
}

} // namespace dialhook::mock
