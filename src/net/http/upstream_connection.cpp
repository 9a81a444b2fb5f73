#include "net/http/upstream_connection.hpp"

#include "net/loop/endpoint_text.hpp"

#include <boost/asio/ssl/error.hpp>

#include <algorithm>
#include <cstdint>

namespace dialhook::net {
namespace {

constexpr std::size_t max_idle = 256;
constexpr std::chrono::seconds max_rest{60};
constexpr std::chrono::seconds max_life{5 * 60 - 2}; // opening it may have taken all of connect_timeout
constexpr std::chrono::seconds spread_of_lives{30};

/// Closes an idle connection before the web server does, if that announced when.
std::chrono::milliseconds time_to_rest(std::optional<std::chrono::seconds> keep_alive)
{
    if (!keep_alive || *keep_alive > max_rest)
        return max_rest;
    const std::chrono::milliseconds kept = *keep_alive;
    return std::max(kept - std::chrono::seconds(1), kept / 2);
}

/// With jitter, so that connections opened in one burst are not reopened in one.
std::chrono::seconds life_of(std::uint64_t number)
{
    return max_life - std::chrono::seconds(number % static_cast<std::uint64_t>(spread_of_lives.count()));
}

} // namespace

UpstreamConnection::UpstreamConnection(std::unique_ptr<Transport> transport, const asio::ip::tcp::endpoint& peer,
                                       std::shared_ptr<PooledOrigin> origin, TimerWheel& wheel)
    : transport_(std::move(transport))
    , origin_(std::move(origin))
    , wheel_(wheel)
    , peer_(peer)
    , retires_at_(heard_at_ + life_of(origin_->pool->counts.opened.value()))
    , rest_timer_(*this)
{
    ++origin_->open;
}

void UpstreamConnection::start()
{
    origin_->pool->counts.opened.add();
    origin_->pool->counts.open.add();
    transport_->start({shared_from_this(), this});
}

Awaitable<std::optional<Failure>> UpstreamConnection::exchange(const HttpRequest& request, Cancellation& cancellation,
                                                               Timing& timing)
{
    if (reader_.leaves_connection_usable())
        reader_.reset_for_the_next();
    else
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
        const OnCancel on_cancel(cancellation, [this] {
            close(Ending::reset);
            settle(Outcome::cancelled);
            proceed();
        });
        bytes_sent_ = transport_->write_at_once(request.text);
        request_sent_ = bytes_sent_ == request.text.size();
        if (!request_sent_)
            co_await send_rest(request.text.substr(bytes_sent_));
        sent_at = Clock::now();
        if (!settled_.consume())
            co_await settled_.until_set();
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
    if (outcome_ != Outcome::whole && request.wanted == ResponseWanted::head && reader_.settle_for_the_head())
        co_return std::nullopt;
    co_return failure();
}

Awaitable<void> UpstreamConnection::send_rest(std::string_view request)
{
    while (!request.empty() && outcome_ == Outcome::none) {
        const std::size_t written = co_await transport_->write_some(request);
        if (written == 0)
            co_return; // the web server may have answered before it closed: what is read decides
        bytes_sent_ += written;
        request.remove_prefix(written);
    }
    request_sent_ = request.empty();
}

void UpstreamConnection::received(std::string_view bytes)
{
    settle(take(bytes));
}

UpstreamConnection::Outcome UpstreamConnection::take(std::string_view bytes)
{
    if (transcript_ != nullptr)
        transcript_->received += bytes;
    if (!busy_ || outcome_ != Outcome::none) {
        if (busy_ && outcome_ == Outcome::whole)
            reader_.feed(bytes);
        reusable_ = false; // unsolicited bytes would be taken for the next reply
        close();
        return Outcome::none;
    }
    heard_at_ = Clock::now();
    if (!reply_has_begun())
        first_byte_at_ = heard_at_;
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

void UpstreamConnection::ended(error_code error)
{
    error_ = error;
    heard_at_ = Clock::now();
    // Only an orderly end may complete a body that is delimited by it; over TLS that takes a close_notify.
    const bool is_whole = busy_ && reply_has_begun() && error == asio::error::eof &&
                          reader_.feed_end() == ResponseReader::State::complete;
    close();
    settle(is_whole ? Outcome::whole : Outcome::closed);
}

/// The first outcome of the exchange under way counts.
void UpstreamConnection::settle(Outcome outcome)
{
    if (busy_ && outcome_ == Outcome::none)
        outcome_ = outcome;
}

/// The exchange under way goes on, at once, if its outcome is known. A web server that has sent only a part may hold
/// the rest back until that part is acknowledged (RFC 896), which TCP would do 40 ms later.
void UpstreamConnection::proceed()
{
    if (!busy_)
        return;
    if (outcome_ != Outcome::none)
        settled_.set();
    else if (reply_has_begun())
        transport_->acknowledge();
}

std::optional<Failure> UpstreamConnection::failure() const
{
    switch (outcome_) {
    case Outcome::whole:
        return std::nullopt;
    case Outcome::refused:
        return Failure{FailureKind::bad_reply, reader_.fault()};
    case Outcome::cancelled:
        return Failure{FailureKind::cancelled, {}};
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

bool UpstreamConnection::is_permitted(const egress::Rules& rules, std::string_view host, bool is_proxied)
{
    if (permitted_by_ != rules.edition() && (is_proxied ? rules.judge(host) : rules.judge(host, peer_.address())))
        return false;
    permitted_by_ = rules.edition();
    return true;
}

void UpstreamConnection::address_is_gone()
{
    is_misplaced_ = true;
    if (rest_timer_.is_armed())
        close();
}

void UpstreamConnection::rest()
{
    if (is_misplaced_ || heard_at_ >= retires_at_) {
        close();
        return;
    }
    transport_->push();
    auto& idle = origin_->idle;
    idle.push_back(shared_from_this());
    ConnectionPool& pool = *origin_->pool;
    pool.counts.idle.add();
    if (origin_->kept_open == 0)
        pool.resting.push_back(*this);
    wheel_.arm(rest_timer_, std::min(heard_at_ + time_to_rest(reader_.response().keep_alive), retires_at_));
    if (idle.size() > std::max(max_idle, origin_->kept_open)) {
        const auto oldest = idle.front();
        oldest->close();
    } else if (pool.counts.idle.value() > pool.max_idle && !pool.resting.empty()) {
        const auto oldest = static_cast<UpstreamConnection&>(pool.resting.front()).shared_from_this();
        oldest->close();
    }
}

bool UpstreamConnection::wake(bool is_repeatable)
{
    wheel_.disarm(rest_timer_);
    RestingPlace::unlink();
    return transport_->is_silent(!is_repeatable);
}

void UpstreamConnection::close(Ending ending)
{
    if (!open_)
        return;
    const auto self = shared_from_this(); // the idle list may hold the last reference
    open_ = false;
    wheel_.disarm(rest_timer_);
    RestingPlace::unlink();
    leave_name();
    transport_->close(ending);
    origin_->pool->counts.open.subtract();

    --origin_->open;
    auto& idle = origin_->idle;
    const auto place = std::find(idle.begin(), idle.end(), self);
    if (place != idle.end()) {
        idle.erase(place);
        origin_->pool->counts.idle.subtract();
    }
    if (origin_->on_end)
        origin_->on_end(request_has_begun());
}

} // namespace dialhook::net
