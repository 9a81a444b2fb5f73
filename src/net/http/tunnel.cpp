#include "net/http/tunnel.hpp"

#include "net/http/response_head.hpp"

#include <boost/asio/write.hpp>

#include <array>
#include <string>
#include <string_view>

namespace dialhook::net {
namespace {

constexpr std::size_t max_head = 8192;
constexpr unsigned max_interim_answers = 16;

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

/// Returns the HTTP status of a whole `head`; 0: it is none of HTTP.
int status_of(std::string_view head)
{
    bool ignored = true;
    const auto read = read_status_line(take_line(head, ignored));
    return read ? read->status : 0;
}

/// Returns whether the answer is yet to come, as after 100 Continue. 101 is an answer.
bool is_before_the_answer(int status)
{
    return status / 100 == 1 && status != 101;
}

/// Returns why the proxy's answer makes no tunnel, if it makes none.
std::optional<Failure> judge(std::string_view head, std::size_t size, const Target& target)
{
    const int status = status_of(head);
    if (status == 0)
        return Failure{FailureKind::connect, named(target) + " does not speak HTTP"};
    if (status == 407)
        return Failure{FailureKind::cut,
                       named(target) + " wants credentials (407); put them into egress.proxy, http://USER:PASSWORD@…"};
    if (status / 100 != 2)
        return Failure{FailureKind::connect,
                       named(target) + " refused the tunnel: HTTP status " + std::to_string(status)};
    if (size != head.size())
        return Failure{FailureKind::connect, named(target) + " sent more than its answer"};
    return std::nullopt;
}

/// Reads until `answer` begins with a whole head. Returns its size; 0: the proxy closed the connection, or never ends
/// its head.
Awaitable<std::size_t> read_head(TcpSocket& socket, std::string& answer)
{
    std::size_t scanned = 0;
    while (true) {
        const std::size_t size = size_of_head(answer, scanned);
        if (size != 0 || answer.size() >= max_head)
            co_return size;
        std::array<char, 512> bytes{};
        const auto [error, read] = co_await socket.async_read_some(asio::buffer(bytes), as_result);
        if (error)
            co_return 0;
        answer.append(bytes.data(), read);
    }
}

} // namespace

Awaitable<std::optional<Failure>> open_tunnel(TcpSocket& socket, const Target& target, Cancellation& cancellation)
{
    if (cancellation.requested())
        co_return Failure{FailureKind::cancelled, {}};
    const OnCancel on_cancel(cancellation, [&socket] {
        error_code ignored;
        socket.close(ignored);
    });
    const std::string request = connect_request(target);
    const auto [write_error, written] = co_await asio::async_write(socket, asio::buffer(request), as_result);
    if (write_error)
        co_return Failure{FailureKind::connect, named(target) + " closed the connection"};
    std::string answer;
    for (unsigned interim = 0;; ++interim) {
        const std::size_t size = co_await read_head(socket, answer);
        if (size == 0)
            co_return Failure{FailureKind::connect,
                              named(target) + " closed the connection instead of opening a tunnel"};
        const std::string_view head = std::string_view(answer).substr(0, size);
        if (interim == max_interim_answers || !is_before_the_answer(status_of(head)))
            co_return judge(head, answer.size(), target);
        answer.erase(0, size);
    }
}

} // namespace dialhook::net
