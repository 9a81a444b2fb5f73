#include "net/tunnel.hpp"

#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include <string>
#include <string_view>

namespace dialhook::net {
namespace {

constexpr std::size_t max_head = 8192;

std::string connect_request(const Target& target)
{
    const bool is_v6 = target.host.find(':') != std::string::npos;
    const std::string authority = (is_v6 ? "[" + target.host + "]" : target.host) + ":" + std::to_string(target.port);
    std::string text = "CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority + "\r\n";
    if (!target.proxy->authorization.empty())
        text += "Proxy-Authorization: " + target.proxy->authorization + "\r\n";
    return text + "\r\n";
}

std::string named(const Target& target)
{
    return "the proxy " + target.proxy->host + ":" + std::to_string(target.proxy->port);
}

/// What the proxy's answer means; nothing: it made the tunnel.
std::optional<Failure> judge(std::string_view head, std::size_t size, const Target& target)
{
    constexpr std::string_view version = "HTTP/1.";
    const bool is_http = head.starts_with(version) && head.size() >= 12 && head[8] == ' ';
    const std::string_view status = is_http ? head.substr(9, 3) : std::string_view();
    if (!is_http || status.find_first_not_of("0123456789") != std::string_view::npos)
        return Failure{FailureKind::connect, named(target) + " does not speak HTTP"};
    if (status == "407")
        return Failure{FailureKind::cut,
                       named(target) + " wants credentials (407); put them into egress.proxy, http://USER:PASSWORD@…"};
    if (status.front() != '2')
        return Failure{FailureKind::connect, named(target) + " made no tunnel: HTTP status " + std::string(status)};
    if (size != head.size())
        return Failure{FailureKind::connect, named(target) + " sent more than its answer"};
    return std::nullopt;
}

} // namespace

Awaitable<std::optional<Failure>> open_tunnel(TcpSocket& socket, const Target& target, Stop& stop)
{
    if (stop.requested())
        co_return Failure{FailureKind::stopped, {}};
    const OnStop on_stop(stop, [&socket] {
        error_code ignored;
        socket.close(ignored);
    });
    const std::string request = connect_request(target);
    const auto [write_error, written] = co_await asio::async_write(socket, asio::buffer(request), as_result);
    if (write_error)
        co_return Failure{FailureKind::connect, named(target) + " closed the connection"};
    std::string answer;
    const auto [error, size] =
        co_await asio::async_read_until(socket, asio::dynamic_buffer(answer, max_head), "\r\n\r\n", as_result);
    if (error)
        co_return Failure{FailureKind::connect, named(target) + " closed the connection instead of making a tunnel"};
    co_return judge(std::string_view(answer).substr(0, size), answer.size(), target);
}

} // namespace dialhook::net
