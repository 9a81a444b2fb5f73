#include "api/fastagi/channel.hpp"

#include <boost/asio/write.hpp>

#include <utility>

namespace dialhook::fastagi {
namespace {

/// Asterisk's own lines are shorter; a value that it hands over has at most 1,023 bytes.
constexpr std::size_t max_line = 8192;

/// Lines that are no reply: more of them than this before the next one, and the peer is no Asterisk.
constexpr unsigned max_skipped_lines = 256;

} // namespace

Channel::Channel(net::TcpSocket socket, net::TimerWheel& wheel)
    : socket_(std::move(socket))
    , wheel_(wheel)
{
    net::error_code ignored;
    socket_.set_option(net::asio::ip::tcp::no_delay(true), ignored);
    // A channel may run one application for hours; a peer that vanished must be noticed all the same.
    socket_.set_option(net::asio::socket_base::keep_alive(true), ignored);
}

net::Awaitable<void> Channel::read()
{
    bool said_something = false; // a health check only connects
    while (!closed_) {
        const auto [error, size] = co_await socket_.async_read_some(net::asio::buffer(portion_), net::as_result);
        if (error)
            break;
        said_something = true;
        take(std::string_view(portion_.data(), size));
    }
    close(said_something && !hung_up_ ? "Asterisk closed the connection" : "");
}

void Channel::take(std::string_view bytes)
{
    input_ += bytes;
    std::size_t start = 0;
    for (auto end = input_.find('\n'); end != std::string::npos && !closed_; end = input_.find('\n', start)) {
        std::string_view line = std::string_view(input_).substr(start, end - start);
        if (line.ends_with('\r'))
            line.remove_suffix(1);
        take_line(line);
        start = end + 1;
    }
    input_.erase(0, start);
    if (input_.size() > max_line)
        return close("a line is longer than any of Asterisk's");
    net::error_code ignored;
    if (came_to_empty_line_ && !environment_is_whole_ && input_.empty() && socket_.available(ignored) == 0) {
        environment_is_whole_ = true;
        if (ends_with_hang_up_)
            hang_up();
        changed_.set();
    }
}

void Channel::take_line(std::string_view line)
{
    if (!environment_is_whole_)
        take_environment(line);
    else if (line == "HANGUP")
        hang_up();
    else
        take_reply(line);
}

/// An empty line may stand in a caller's name, so it is the end only where no more of the environment came with it. So
/// may a HANGUP, which counts only as the very last line: Asterisk says nothing more before it is asked.
void Channel::take_environment(std::string_view line)
{
    ends_with_hang_up_ = came_to_empty_line_ && line == "HANGUP";
    if (line.empty())
        came_to_empty_line_ = !environment_.empty();
    else if (AgiEnvironment::is_line(line))
        came_to_empty_line_ = false;
    if (!environment_.take(line))
        close("Asterisk's description of the channel is longer than 256 lines or 32 KiB");
}

/// What is no reply is skipped: the rest of an environment with a line end in a name, `100 Trying…`, an empty line.
void Channel::take_reply(std::string_view line)
{
    const AgiReplyReader::Step step = reader_.take(line);
    if (step == AgiReplyReader::Step::whole) {
        reply_ = std::exchange(reader_, {}).reply();
        skipped_lines_ = 0;
        changed_.set();
    } else if (step == AgiReplyReader::Step::nonsense && ++skipped_lines_ > max_skipped_lines) {
        close("Asterisk sent 256 lines that are not a reply");
    }
}

void Channel::hang_up()
{
    hung_up_ = true;
    if (watched_ != nullptr)
        watched_->request(net::CancelReason::abandoned);
}

net::Awaitable<std::optional<AgiEnvironment>> Channel::environment(std::chrono::milliseconds limit)
{
    net::Cancellation cancellation;
    const net::Deadline deadline(wheel_, cancellation, net::Clock::now() + limit);
    const net::OnCancel on_cancel(cancellation, [this] { close("Asterisk did not describe the channel in time"); });
    while (!environment_is_whole_ && !closed_)
        co_await changed_.wait();
    if (!environment_is_whole_)
        co_return std::nullopt;
    co_return std::move(environment_);
}

net::Awaitable<AgiReply> Channel::command(Command command, std::chrono::milliseconds limit)
{
    if (closed_)
        co_return AgiReply{};
    net::Cancellation cancellation;
    const net::Deadline deadline(wheel_, cancellation, net::Clock::now() + limit);
    const net::OnCancel on_cancel(cancellation, [this] { close("Asterisk did not answer a command in time"); });
    reply_.reset();
    const auto [error, size] =
        co_await net::asio::async_write(socket_, net::asio::buffer(command.line()), net::as_result);
    if (error)
        close();
    while (!reply_ && !closed_)
        co_await changed_.wait();
    co_return std::exchange(reply_, std::nullopt).value_or(AgiReply{});
}

net::Awaitable<void> Channel::leave_with(Command command)
{
    co_await net::asio::async_write(socket_, net::asio::buffer(command.line()), net::as_result);
    close();
}

void Channel::close(std::string_view fault)
{
    if (closed_)
        return;
    closed_ = true;
    fault_ = fault;
    net::error_code ignored;
    socket_.close(ignored);
    if (watched_ != nullptr)
        watched_->request(net::CancelReason::abandoned);
    changed_.set();
}

} // namespace dialhook::fastagi
