#include "net/nats/nats_connection.hpp"

#include "nats/error_kind.hpp"
#include "net/loop/endpoint_text.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

#include <charconv>
#include <random>
#include <utility>

namespace dialhook::net {
namespace {

constexpr std::uint64_t inbox_subscription = 1;

/// Nobody else must guess it: whoever can publish to an inbox can acknowledge.
std::string new_inbox()
{
    constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    constexpr int length = 22; // 130 bits
    std::random_device random;
    std::uniform_int_distribution<std::size_t> letter(0, letters.size() - 1);
    std::string inbox = "_INBOX.";
    for (int count = 0; count < length; ++count)
        inbox += letters[letter(random)];
    return inbox + ".";
}

std::string listed(const std::string& why)
{
    return why.empty() ? std::string() : ": " + why;
}

} // namespace

class NatsConnection::Registration
{
public:
    Registration(NatsConnection& connection, Waiter& waiter)
        : connection_(connection)
        , token_(++connection.last_token_)
    {
        connection.waiting_.emplace(token_, &waiter);
    }
    ~Registration() { connection_.waiting_.erase(token_); }
    Registration(const Registration&) = delete;
    Registration& operator=(const Registration&) = delete;

    std::string inbox() const { return connection_.inbox_ + std::to_string(token_); }

private:
    NatsConnection& connection_;
    std::uint64_t token_;
};

NatsConnection::NatsConnection(asio::io_context& context, TimerWheel& wheel, NatsPace pace,
                               std::unique_ptr<Transport> transport, NatsGreeting greeting)
    : context_(context)
    , wheel_(wheel)
    , pace_(pace)
    , peer_(greeting.peer)
    , name_(text_of(greeting.peer))
    , tls_session_(std::move(greeting.tls_session))
    , transport_(std::move(transport))
    , info_(std::move(greeting.info))
    , reader_(std::move(greeting.reader))
    , inbox_(new_inbox())
{
}

NatsConnection::~NatsConnection()
{
    transport_->close(Ending::orderly);
}

void NatsConnection::start()
{
    wheel_.arm(ping_timer_, Clock::now() + pace_.ping_every);
    transport_->start({shared_from_this(), this});
    read_messages();
}

Awaitable<std::optional<NatsFailure>> NatsConnection::log_in(const nats::Login& login, Cancellation& cancellation)
{
    if (!is_open_)
        co_return NatsFailure{end_};
    nats::append_connect(out_, login);
    nats::append_subscribe(out_, inbox_ + "*", inbox_subscription);
    out_ += nats::ping;
    Waiter waiter;
    logging_in_ = &waiter;
    flush();
    {
        const OnCancel on_cancel(cancellation, [&waiter] { waiter.event.set(); });
        co_await waiter.event.wait();
    }
    logging_in_ = nullptr;
    if (!waiter.result)
        co_return NatsFailure{};
    if (!*waiter.result)
        co_return waiter.result->error();
    co_return std::nullopt;
}

Awaitable<NatsResult> NatsConnection::publish(nats::Publication publication, Cancellation& cancellation)
{
    if (!is_open_)
        co_return NatsFailure{end_};
    if (auto failure = unfit(publication))
        co_return *std::move(failure);
    Waiter waiter;
    waiter.subject = publication.subject;
    const Registration registration(*this, waiter);
    nats::append_publish(out_, publication, registration.inbox());
    const TimePoint sent_at = Clock::now();
    flush();
    {
        const OnCancel on_cancel(cancellation, [&waiter] { waiter.event.set(); });
        co_await waiter.event.wait();
    }
    if (waiter.result)
        co_return *std::move(waiter.result);
    if (cancellation.reason() != CancelReason::deadline)
        co_return NatsFailure{};
    if (heard_at_ < sent_at)
        close(name_ + " fell silent");
    co_return NatsFailure{"no acknowledgement of JetStream from " + name_ + " in time"};
}

std::optional<NatsFailure> NatsConnection::unfit(const nats::Publication& publication) const
{
    if (!info_.has_headers)
        return NatsFailure{name_ + " has no headers, which JetStream needs: NATS 2.2 or later is wanted"};
    const std::size_t size = nats::payload_size(publication);
    if (size > info_.max_payload)
        return NatsFailure{"the event has " + std::to_string(size) + " bytes, and " + name_ + " takes at most " +
                           std::to_string(info_.max_payload) + " (max_payload)"};
    return std::nullopt;
}

bool NatsConnection::is_permitted(const egress::Rules& rules, const std::string& host)
{
    if (permitted_by_ != rules.edition() && rules.judge(host, peer_.address()))
        return false;
    permitted_by_ = rules.edition();
    return true;
}

void NatsConnection::received(std::string_view bytes)
{
    heard_at_ = Clock::now();
    reader_.feed(bytes);
    read_messages();
}

void NatsConnection::read_messages()
{
    while (is_open_) {
        auto next = reader_.next();
        if (!next) {
            close(name_ + " sent " + std::string(next.error()));
            return;
        }
        if (!*next)
            break;
        std::visit([this](const auto& message) { take(message); }, **next);
    }
    flush();
}

void NatsConnection::ended(error_code error)
{
    const std::string of_network = error == asio::error::eof ? std::string() : error.message();
    close(name_ + " closed the connection" + listed(last_error_.empty() ? of_network : last_error_));
}

void NatsConnection::take(const nats::Message& message)
{
    std::string_view token = message.subject;
    if (!token.starts_with(inbox_))
        return;
    token.remove_prefix(inbox_.size());
    std::uint64_t number = 0;
    std::from_chars(token.data(), token.data() + token.size(), number);
    const auto found = waiting_.find(number);
    if (found == waiting_.end())
        return; // it came too late
    auto answer = nats::read_acknowledgement(message);
    if (auto* const stored = std::get_if<nats::Acknowledgement>(&answer))
        settle(*found->second, std::move(*stored));
    else
        settle(*found->second, explained(std::get<nats::PublishRefusal>(answer)));
}

/// A server that asks and does not read is answered once.
void NatsConnection::take(nats::Ping)
{
    if (is_writing_)
        owes_pong_ = true;
    else
        out_ += nats::pong;
}

void NatsConnection::take(nats::Pong)
{
    unanswered_pings_ = 0;
    if (logging_in_ != nullptr)
        settle(*logging_in_, nats::Acknowledgement{});
}

void NatsConnection::take(const nats::ServerError& error)
{
    switch (nats::error_kind(error.text)) {
    case nats::ErrorKind::login:
        close(name_ + " refused the credentials (" + error.text + "); look at user, password or token in the URL");
        break;
    case nats::ErrorKind::may_not_publish:
        settle_forbidden(error.text);
        break;
    case nats::ErrorKind::may_not_listen:
        close(name_ + " does not let this user subscribe to _INBOX.>, where acknowledgements come: " + error.text);
        break;
    case nats::ErrorKind::other:
        last_error_ = error.text;
        break;
    }
}

NatsFailure NatsConnection::explained(const nats::PublishRefusal& refusal) const
{
    switch (refusal.kind) {
    case nats::PublishRefusal::Kind::no_responders:
        return {"no stream of JetStream has the subject (" + name_ +
                "); add it to the subjects of a stream, and see that JetStream is on"};
    case nats::PublishRefusal::Kind::by_jetstream:
        return {"JetStream refused the event (" + name_ + ")" + listed(refusal.description) +
                (refusal.code == 0 ? std::string() : " (" + std::to_string(refusal.code) + ")")};
    case nats::PublishRefusal::Kind::not_an_answer:
        break;
    }
    return {"what came from " + name_ +
            " is no acknowledgement of JetStream; does something else answer on the subject?"};
}

void NatsConnection::settle(Waiter& waiter, NatsResult result)
{
    if (waiter.result)
        return;
    waiter.result.emplace(std::move(result));
    settled_.push_back(waiter);
    wake_later();
}

/// Fails the publications of the subject that `error` quotes: others on this connection may well be allowed. The server
/// refuses each one; where none of the subject is left, they were all failed by an earlier refusal.
void NatsConnection::settle_forbidden(const std::string& error)
{
    const std::string why = name_ + " does not let this user publish: " + error;
    const std::string_view subject = nats::forbidden_subject(error);
    if (subject.empty())
        return settle_all(why); // it may be any
    for (const auto& [token, waiter] : waiting_)
        if (waiter->subject == subject)
            settle(*waiter, NatsFailure{why});
}

void NatsConnection::settle_all(const std::string& why)
{
    for (const auto& [token, waiter] : waiting_)
        settle(*waiter, NatsFailure{why});
}

/// Those who waited go on in another turn of the event loop, not while messages are read or something is closed.
void NatsConnection::wake_later()
{
    if (std::exchange(wakes_later_, true))
        return;
    asio::post(context_, [self = shared_from_this()] { self->wake(); });
}

void NatsConnection::wake()
{
    wakes_later_ = false;
    Waiters now;
    now.swap(settled_);
    while (!now.empty()) {
        Waiter& waiter = now.front();
        now.pop_front();
        waiter.event.set();
    }
}

void NatsConnection::ping()
{
    if (unanswered_pings_ == pace_.max_unanswered_pings) {
        close(name_ + " did not answer " + std::to_string(unanswered_pings_) + " PINGs");
        return;
    }
    ++unanswered_pings_;
    out_ += nats::ping;
    flush();
    wheel_.arm(ping_timer_, Clock::now() + pace_.ping_every);
}

void NatsConnection::flush()
{
    if (is_writing_ || out_.empty() || !is_open_)
        return;
    out_.erase(0, transport_->write_at_once(out_));
    if (out_.empty())
        return;
    is_writing_ = true;
    asio::co_spawn(context_, write_rest(shared_from_this()), asio::detached);
}

/// Stays `is_writing_` if the transport broke: what is read decides then.
Awaitable<void> NatsConnection::write_rest([[maybe_unused]] std::shared_ptr<NatsConnection> self)
{
    while (!out_.empty()) {
        const std::string going = std::exchange(out_, {});
        std::string_view rest = going;
        while (!rest.empty()) {
            const std::size_t written = co_await transport_->write_some(rest);
            if (written == 0)
                co_return;
            rest.remove_prefix(written);
        }
        if (std::exchange(owes_pong_, false))
            out_ += nats::pong;
    }
    is_writing_ = false;
}

void NatsConnection::close(const std::string& why)
{
    if (!is_open_)
        return;
    const auto self = shared_from_this();
    is_open_ = false;
    end_ = why;
    wheel_.disarm(ping_timer_);
    if (logging_in_ != nullptr)
        settle(*logging_in_, NatsFailure{why});
    settle_all(why);
    transport_->close(Ending::orderly);
}

} // namespace dialhook::net
