#include "fastagi/channel.hpp"

#include <boost/asio/write.hpp>

#include <utility>

namespace dialhook::fastagi {
namespace {

/// Asterisk's own lines are shorter; a value that it hands over has at most 1,023 bytes.
constexpr std::size_t max_line = 8192;

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
    while (!closed_) {
        const auto [error, size] = co_await socket_.async_read_some(net::asio::buffer(portion_), net::as_result);
        if (error)
            break;
        const bool is_asterisk = take(std::string_view(portion_.data(), size));
        if (!is_asterisk)
            break;
    }
    close();
}

bool Channel::take(std::string_view bytes)
{
    input_ += bytes;
    std::size_t start = 0;
    for (auto end = input_.find('\n'); end != std::string::npos; end = input_.find('\n', start)) {
        std::string_view line = std::string_view(input_).substr(start, end - start);
        if (line.ends_with('\r'))
            line.remove_suffix(1);
        if (!take_line(line))
            return false;
        start = end + 1;
    }
    input_.erase(0, start);
    return input_.size() <= max_line;
}

bool Channel::take_line(std::string_view line)
{
    if (!environment_is_whole_) {
        environment_is_whole_ = line.empty();
        if (environment_is_whole_)
            changed_.open();
        return environment_is_whole_ || environment_.take(line);
    }
    if (line == "HANGUP") {
        hung_up_ = true;
        if (watched_ != nullptr)
            watched_->request(net::StopCause::abandoned);
        return true;
    }
    const ReplyReader::Step step = reader_.take(line);
    if (step == ReplyReader::Step::whole) {
        reply_ = std::exchange(reader_, {}).reply();
        changed_.open();
    }
    return step != ReplyReader::Step::nonsense;
}

net::Awaitable<std::optional<Environment>> Channel::environment(std::chrono::milliseconds limit)
{
    net::Stop stop;
    const net::Deadline deadline(wheel_, stop, net::Clock::now() + limit);
    const net::OnStop on_stop(stop, [this] { close(); });
    while (!environment_is_whole_ && !closed_)
        co_await changed_.wait();
    if (!environment_is_whole_)
        co_return std::nullopt;
    co_return std::move(environment_);
}

net::Awaitable<Reply> Channel::command(std::string_view line, std::chrono::milliseconds limit)
{
    if (closed_)
        co_return Reply{};
    net::Stop stop;
    const net::Deadline deadline(wheel_, stop, net::Clock::now() + limit);
    const net::OnStop on_stop(stop, [this] { close(); });
    command_.assign(line).append("\n");
    reply_.reset();
    const auto [error, size] = co_await net::asio::async_write(socket_, net::asio::buffer(command_), net::as_result);
    if (error)
        close();
    while (!reply_ && !closed_)
        co_await changed_.wait();
    co_return std::exchange(reply_, std::nullopt).value_or(Reply{});
}

void Channel::close()
{
    if (closed_)
        return;
    closed_ = true;
    net::error_code ignored;
    socket_.close(ignored);
    if (watched_ != nullptr)
        watched_->request(net::StopCause::abandoned);
    changed_.open();
}

} // namespace dialhook::fastagi
