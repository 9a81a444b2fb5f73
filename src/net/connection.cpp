#include "net/connection.hpp"

#include "net/endpoint_text.hpp"
#include "net/tls_stream.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace dialhook::net {
namespace {

constexpr std::size_t max_idle = 256;
constexpr std::chrono::seconds max_rest{60};

/// Stands in front of the buffer while a read is armed; no response begins so.
constexpr char nothing_was_read = '\0';

/// Of the bytes that one read takes: few for a call that hangs, more where a reply filled it.
constexpr std::size_t first_buffer = 256;
constexpr std::size_t max_buffer = 8192;

/// An idle connection is closed before the web server does it, where that says when.
std::chrono::milliseconds time_to_rest(std::optional<std::chrono::seconds> keep_alive)
{
    if (!keep_alive || *keep_alive > max_rest)
        return max_rest;
    const std::chrono::milliseconds kept = *keep_alive;
    return std::max(kept - std::chrono::seconds(1), kept / 2);
}

} // namespace

Connection::Connection(TcpSocket socket, std::unique_ptr<TlsStream> tls, std::shared_ptr<PooledOrigin> origin,
                       TimerWheel& wheel)
    : socket_(std::move(socket))
    , tls_(std::move(tls))
    , origin_(std::move(origin))
    , wheel_(wheel)
    , rest_timer_(*this)
    , buffer_(first_buffer, '\0')
{
    ++origin_->open;
    error_code ignored;
    peer_ = lowest_layer().remote_endpoint(ignored);
}

Connection::~Connection()
{
    // Without this OpenSSL takes the missing close_notify for a sign that the session must not be resumed.
    if (tls_)
        SSL_set_shutdown(tls_->stream.native_handle(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
}

TcpSocket& Connection::lowest_layer()
{
    return tls_ ? tls_->stream.next_layer() : socket_;
}

void Connection::start()
{
    origin_->pool->counts.opened.add();
    origin_->pool->counts.open.add();
    receive(shared_from_this());
}

Awaitable<std::optional<Failure>> Connection::exchange(const Request& request, Stop& stop, Timing& timing)
{
    reader_.reset();
    outcome_ = Outcome::none;
    request_sent_ = reusable_ = false;
    bytes_sent_ = 0;
    first_byte_at_ = {};
    busy_ = true;
    transcript_ = request.transcript;

    const TimePoint started_at = Clock::now();
    TimePoint sent_at = started_at;
    if (open_) {
        const OnStop on_stop(stop, [this] {
            close();
            settle(Outcome::stopped);
        });
        send_at_once(request.text);
        if (!request_sent_)
            co_await send_rest(request.text.substr(bytes_sent_));
        sent_at = Clock::now();
        if (!settled_.pass())
            co_await settled_.until_opened();
    } else {
        outcome_ = Outcome::closed;
    }

    const TimePoint now = std::max(outcome_ == Outcome::whole ? heard_at_ : Clock::now(), sent_at);
    const TimePoint first_byte_at = reply_has_begun() ? std::max(first_byte_at_, sent_at) : now;
    timing[Phase::send] += sent_at - started_at;
    timing[Phase::wait] += first_byte_at - sent_at;
    timing[Phase::read] += now - first_byte_at;

    busy_ = false;
    transcript_ = nullptr;
    reusable_ = outcome_ == Outcome::whole && request_sent_ && reader_.leaves_connection_usable();
    if (!reusable_)
        close();
    co_return failure();
}

/// Nearly always the kernel takes all of a plain request at once, and no coroutine is needed for it.
void Connection::send_at_once(std::string_view request)
{
    if (tls_)
        return;
    error_code would_block;
    bytes_sent_ = socket_.write_some(asio::buffer(request), would_block);
    request_sent_ = bytes_sent_ == request.size();
}

Awaitable<void> Connection::send_rest(std::string_view request)
{
    while (!request.empty() && outcome_ == Outcome::none) {
        error_code error;
        std::size_t written = 0;
        if (tls_)
            std::tie(error, written) = co_await tls_->stream.async_write_some(asio::buffer(request), as_result);
        else
            std::tie(error, written) = co_await socket_.async_write_some(asio::buffer(request), as_result);
        if (error)
            co_return; // the web server may have answered before it closed: what is read decides
        bytes_sent_ += written;
        request.remove_prefix(written);
    }
    request_sent_ = request.empty();
}

/// A handler and no coroutine: thousands of calls may hang here, a coroutine's frames are 700 bytes for each of them,
/// and it costs 400 to 800 instructions more a decision.
void Connection::receive(std::shared_ptr<Connection> self)
{
    Connection& connection = *self;
    connection.buffer_.front() = nothing_was_read;
    const auto buffer = asio::buffer(connection.buffer_);
    auto handler = [self = std::move(self)](error_code error, std::size_t size) mutable {
        Connection& read = *self;
        const Outcome outcome = read.received(error, size);
        if (read.open_)
            receive(std::move(self)); // before anybody goes on: `wake` sees what the next read has found already
        read.settle(outcome);
    };
    if (connection.tls_)
        connection.tls_->stream.async_read_some(buffer, std::move(handler));
    else
        connection.socket_.async_read_some(buffer, std::move(handler));
}

Connection::Outcome Connection::received(error_code error, std::size_t size)
{
    if (error)
        return end_of_stream(error);
    const Outcome outcome = take(std::string_view(buffer_.data(), size));
    if (size == buffer_.size() && size < max_buffer)
        buffer_.resize(2 * size);
    return outcome;
}

Connection::Outcome Connection::take(std::string_view bytes)
{
    if (!busy_ || outcome_ != Outcome::none) {
        reusable_ = false; // bytes that nobody asked for would be taken for the next reply
        close();
        return Outcome::none;
    }
    if (was_kept_ && !reply_has_begun() && bytes.front() == nothing_was_read) {
        close(); // `wake` may have taken it for nothing, and a reply it is not: the request needs another connection
        return Outcome::closed;
    }
    heard_at_ = Clock::now();
    if (!reply_has_begun())
        first_byte_at_ = heard_at_;
    if (transcript_ != nullptr)
        transcript_->received += bytes;
    switch (reader_.feed(bytes)) {
    case ResponseReader::State::more:
        break;
    case ResponseReader::State::complete:
        if (!request_sent_)
            close(); // answered before it read all of the request: breaks off the write
        return Outcome::whole;
    case ResponseReader::State::refused:
        close(); // breaks off a write that is under way, too
        return Outcome::refused;
    }
    return Outcome::none;
}

Connection::Outcome Connection::end_of_stream(error_code error)
{
    error_ = error;
    heard_at_ = Clock::now();
    // Only an orderly end may complete a body that is delimited by it; over TLS that takes a close_notify.
    const bool is_whole = busy_ && reply_has_begun() && error == asio::error::eof &&
                          reader_.feed_end() == ResponseReader::State::complete;
    close();
    return is_whole ? Outcome::whole : Outcome::closed;
}

void Connection::settle(Outcome outcome)
{
    if (outcome == Outcome::none || !busy_ || outcome_ != Outcome::none)
        return;
    outcome_ = outcome;
    settled_.open();
}

std::optional<Failure> Connection::failure() const
{
    switch (outcome_) {
    case Outcome::whole:
        return std::nullopt;
    case Outcome::refused:
        return Failure{FailureKind::bad_reply, reader_.fault()};
    case Outcome::stopped:
        return Failure{FailureKind::stopped, {}};
    case Outcome::none:
    case Outcome::closed:
        break;
    }
    const std::string peer = text_of(peer_);
    if (error_.category() == asio::error::get_ssl_category()) // TLS 1.3: a refused client certificate shows only now
        return Failure{FailureKind::tls, "TLS with " + peer + " failed: " + error_.message()};
    if (!reply_has_begun())
        return Failure{FailureKind::connect, peer + " closed the connection before it answered"};
    return Failure{FailureKind::cut, peer + " closed the connection before the whole reply was there"};
}

bool Connection::is_permitted(const egress::Rules& rules, std::string_view host, bool is_proxied)
{
    if (permitted_by_ != rules.edition() && (is_proxied ? rules.judge(host) : rules.judge(host, peer_.address())))
        return false;
    permitted_by_ = rules.edition();
    return true;
}

void Connection::rest()
{
    auto& idle = origin_->idle;
    idle.push_back(shared_from_this());
    ConnectionPool& pool = *origin_->pool;
    pool.counts.idle.add();
    if (origin_->kept_open == 0)
        pool.resting.push_back(*this);
    wheel_.arm(rest_timer_, heard_at_ + time_to_rest(reader_.response().keep_alive));
    if (idle.size() > std::max(max_idle, origin_->kept_open)) {
        const auto oldest = idle.front();
        oldest->close();
    } else if (pool.counts.idle.value() > pool.most_idle && !pool.resting.empty()) {
        const auto oldest = static_cast<Connection&>(pool.resting.front()).shared_from_this();
        oldest->close();
    }
}

/// The event loop may not have told yet what the kernel knows already, and bytes of nobody's would pass for the reply
/// to the next request: worth a system call. What stood right behind the last reply is in the buffer by now, and the
/// loop has yet to tell of it, when a call that waited for the connection comes first, or the next hop of a redirect.
bool Connection::wake()
{
    wheel_.disarm(rest_timer_);
    unlink();
    was_kept_ = true;
    char byte = 0;
    const auto size = ::recv(lowest_layer().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK) && buffer_.front() == nothing_was_read;
}

void Connection::close()
{
    if (!open_)
        return;
    open_ = false;
    wheel_.disarm(rest_timer_);
    unlink();
    error_code ignored;
    lowest_layer().close(ignored);
    origin_->pool->counts.open.subtract();

    --origin_->open;
    auto& idle = origin_->idle;
    const auto self = std::find_if(idle.begin(), idle.end(), [this](const auto& other) { return other.get() == this; });
    if (self != idle.end()) {
        idle.erase(self);
        origin_->pool->counts.idle.subtract();
    }
    if (origin_->on_end)
        origin_->on_end(request_has_begun());
}

} // namespace dialhook::net
