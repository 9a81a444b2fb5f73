#include "daemon/refusing_server.hpp"

#include "call/rpc_error.hpp"
#include "daemon/process.hpp"
#include "daemon/tcp_listener.hpp"
#include "net/transport/peer.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/write.hpp>
#include <nlohmann/json.hpp>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <memory>
#include <string_view>
#include <utility>

namespace dialhook::daemon {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

/// What waited in the queue has asked long ago; what connects now needs a moment.
constexpr auto time_to_ask = 200ms;
constexpr auto time_to_read_answers = 500ms;
constexpr std::size_t max_input = 64UL * 1024;
constexpr std::size_t max_answers = 256;  // of one connection
constexpr std::size_t max_in_batch = 256; // as docs/engine-protocol.md has it
constexpr std::string_view message = "dialhookd has no valid configuration and decides no calls";
constexpr std::string_view http_answer =
    "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 58\r\n"
    "Connection: close\r\n\r\ndialhookd has no valid configuration and decides no calls\n";
static_assert(http_answer.size() - http_answer.find("\r\n\r\n") - 4 == 58);

/// Ends what is under way on a socket when its time is over.
template <class Socket>
class Limit
{
public:
    Limit(Socket& socket, std::chrono::milliseconds time)
        : timer_(socket.get_executor(), time)
    {
        timer_.async_wait([&socket, holds = holds_](net::error_code) {
            net::error_code ignored;
            if (*holds)
                socket.cancel(ignored);
        });
    }
    ~Limit() { *holds_ = false; }
    Limit(const Limit&) = delete;
    Limit& operator=(const Limit&) = delete;

private:
    /// Cancelling a timer does not recall a handler that is on its way already, and the socket may be gone then.
    std::shared_ptr<bool> holds_ = std::make_shared<bool>(true);
    net::SteadyTimer timer_;
};

/// Reads until `is_enough`, the end, or the time to ask is over.
template <class Socket, class IsEnough>
net::Awaitable<std::string> read_question(Socket& socket, IsEnough is_enough)
{
    const Limit<Socket> limit(socket, time_to_ask);
    std::string input;
    std::array<char, 16384> piece; // NOLINT(cppcoreguidelines-pro-type-member-init)
    while (input.size() < max_input) {
        net::error_code ignored;
        if (is_enough(input) && socket.available(ignored) == 0)
            break;
        const auto [error, size] = co_await socket.async_read_some(net::asio::buffer(piece), net::as_result);
        if (error)
            break;
        input.append(piece.data(), size);
    }
    co_return input;
}

/// Sends the answer, and waits a moment for the other side to close: closed with bytes unread, the connection would be
/// reset, and TCP may then drop the answer.
template <class Socket>
net::Awaitable<void> answer_and_close(Socket& socket, std::string_view answer)
{
    const Limit<Socket> limit(socket, time_to_read_answers);
    if (!answer.empty()) {
        const auto [error, size] = co_await net::asio::async_write(socket, net::asio::buffer(answer), net::as_result);
        if (error)
            co_return;
    }
    net::error_code ignored;
    socket.shutdown(Socket::shutdown_send, ignored);
    std::array<char, 4096> unread; // NOLINT(cppcoreguidelines-pro-type-member-init)
    while (true) {
        const auto [error, size] = co_await socket.async_read_some(net::asio::buffer(unread), net::as_result);
        if (error)
            co_return;
    }
}

bool has_line(const std::string& input)
{
    return input.find('\n') != std::string::npos;
}

json id_of(const json& request)
{
    if (!request.is_object())
        return nullptr;
    const auto id = request.find("id");
    const bool is_id = id != request.end() && (id->is_string() || id->is_number());
    return is_id ? *id : json();
}

json error_for(const json& request, const std::vector<std::string>& faults)
{
    json error{{"code", number_of(RpcError::no_configuration)}, {"message", message}};
    if (!faults.empty())
        error["data"] = {{"errors", faults}};
    return {{"jsonrpc", "2.0"}, {"id", id_of(request)}, {"error", std::move(error)}};
}

/// Returns the answer to a request, to a batch of them, or to what is neither.
std::string error_line(std::string_view line, const std::vector<std::string>& faults)
{
    const json request = json::parse(line, nullptr, false);
    json answer = json::array();
    if (request.is_array() && request.size() <= max_in_batch)
        for (const json& one : request)
            answer.push_back(error_for(one, faults));
    if (answer.empty())
        answer = error_for(request, faults);
    return answer.dump(-1, ' ', false, json::error_handler_t::replace) + '\n';
}

/// Returns an error for each line that was sent whole, or one with the id null when there is none.
std::string error_lines(std::string_view input, const std::vector<std::string>& faults)
{
    std::string answers;
    std::size_t count = 0;
    for (auto end = input.find('\n'); end != std::string_view::npos && count < max_answers; end = input.find('\n')) {
        const std::string_view line = input.substr(0, end);
        input.remove_prefix(end + 1);
        if (line.empty())
            continue;
        answers += error_line(line, faults);
        ++count;
    }
    return answers.empty() ? error_line({}, faults) : answers;
}

} // namespace

RefusingServer::RefusingServer(PassedSockets& passed, std::vector<std::string> faults, log::Log& log)
    : faults_(std::move(faults))
    , signals_(context_, open_signals())
{
    const auto run = [this](net::Awaitable<void> conversation) {
        net::asio::co_spawn(context_.get_executor(), std::move(conversation), net::asio::detached);
    };
    const auto listen = [&](std::string_view name, std::optional<UnixAcceptor>& acceptor, auto refuse) {
        if (const auto descriptor = passed.take(name))
            acceptor.emplace(
                context_, net::asio::local::stream_protocol(), *descriptor,
                [this, run, refuse](net::UnixSocket socket) { run((this->*refuse)(std::move(socket))); }, log);
    };
    const auto listen_on_tcp = [&](std::string_view name, std::optional<TcpAcceptor>& acceptor, auto refuse) {
        const auto descriptor = passed.take(name);
        if (!descriptor)
            return;
        const TcpListener listener = passed_listener(*descriptor);
        acceptor.emplace(
            context_, listener.address.protocol(), listener.socket,
            [this, run, refuse](net::TcpSocket socket) { run((this->*refuse)(std::move(socket))); }, log);
    };
    listen("engine", engines_, &RefusingServer::refuse_engine);
    listen("control", controls_, &RefusingServer::refuse_control);
    listen_on_tcp("fastagi", channels_, &RefusingServer::refuse_channel);
    listen_on_tcp("http", http_, &RefusingServer::refuse_http);
    run(take_signal());
}

bool RefusingServer::refuse_for(std::chrono::milliseconds time)
{
    context_.run_for(time);
    if (!asked_to_stop_)
        end_conversations();
    return asked_to_stop_;
}

/// What was accepted gets its answer; what is in a queue waits for the next start.
void RefusingServer::end_conversations()
{
    for (auto* const acceptor : {&engines_, &controls_})
        if (*acceptor)
            (*acceptor)->close();
    for (auto* const acceptor : {&channels_, &http_})
        if (*acceptor)
            (*acceptor)->close();
    net::error_code ignored;
    signals_.close(ignored);
    context_.restart();
    context_.run_for(time_to_ask + time_to_read_answers);
}

net::Awaitable<void> RefusingServer::take_signal()
{
    signalfd_siginfo signal{};
    const auto [error, size] =
        co_await signals_.async_read_some(net::asio::buffer(&signal, sizeof signal), net::as_result);
    if (error || size != sizeof signal)
        co_return;
    asked_to_stop_ = signal.ssi_signo == SIGTERM || signal.ssi_signo == SIGINT;
    context_.stop();
}

net::Awaitable<void> RefusingServer::refuse_engine(net::UnixSocket socket)
{
    const std::string input = co_await read_question(socket, has_line);
    const std::string answers = error_lines(input, {}); // who may ask for a route need not see the configuration
    co_await answer_and_close(socket, answers);
}

net::Awaitable<void> RefusingServer::refuse_control(net::UnixSocket socket)
{
    const auto peer = net::peer_of(socket);
    if (!peer || (peer->user != 0 && peer->user != ::geteuid()))
        co_return;
    const std::string input = co_await read_question(socket, has_line);
    const std::string answers = error_lines(input, faults_);
    co_await answer_and_close(socket, answers);
}

net::Awaitable<void> RefusingServer::refuse_channel(net::TcpSocket socket)
{
    co_await answer_and_close(socket, {});
}

net::Awaitable<void> RefusingServer::refuse_http(net::TcpSocket socket)
{
    (void)co_await read_question(socket,
                                 [](const std::string& input) { return input.find("\r\n\r\n") != std::string::npos; });
    co_await answer_and_close(socket, http_answer);
}

} // namespace dialhook::daemon
