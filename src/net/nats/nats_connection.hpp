#pragma once

#include "egress/rules.hpp"
#include "nats/commands.hpp"
#include "nats/reader.hpp"
#include "net/loop/event.hpp"
#include "net/loop/failure.hpp"
#include "net/loop/timer_wheel.hpp"
#include "net/nats/nats_result.hpp"
#include "net/nats/nats_target.hpp"
#include "net/transport/tls_context.hpp"
#include "net/transport/transport.hpp"

#include <boost/intrusive/list.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace dialhook::net {

/// What a connection begins with.
struct NatsGreeting
{
    asio::ip::tcp::endpoint peer;
    nats::Info info;
    nats::Reader reader;                     ///< with what came after the INFO
    std::shared_ptr<TlsSession> tls_session; ///< of the transport; null: plain
};

/// An open connection to a NATS server, for publications to JetStream. Many may be under way at once: each has a token
/// in an inbox of this connection, where its acknowledgement comes.
///
/// Always reading. Closes itself, and fails what is under way, when the server closes, breaks the protocol, leaves
/// PINGs unanswered, or has been silent for as long as a publication had time. Those who publish own it.
class NatsConnection final : public std::enable_shared_from_this<NatsConnection>, private Transport::User
{
public:
    NatsConnection(asio::io_context& context, TimerWheel& wheel, NatsPace pace, std::unique_ptr<Transport> transport,
                   NatsGreeting greeting);
    ~NatsConnection();

    /// Starts to read. Once, after it is owned by a shared_ptr.
    void start();

    /// Says who we are and waits until the server has taken it. Returns nullopt if it has. Once, before `publish`.
    Awaitable<std::optional<NatsFailure>> log_in(const nats::Login& login, Cancellation& cancellation);

    /// Publishes, and waits for the acknowledgement of JetStream. The caller keeps what `publication` refers to, and
    /// keeps the connection alive.
    Awaitable<NatsResult> publish(nats::Publication publication, Cancellation& cancellation);

    /// Returns whether it takes more publications: it is open, and the server is not about to shut down.
    bool is_usable() const { return is_open_ && !info_.is_lame_duck; }

    /// Returns why it was closed, a sentence; empty while it is open.
    const std::string& end() const { return end_; }

    /// Returns whether `rules` still allow connections for `host` to its address.
    bool is_permitted(const egress::Rules& rules, const std::string& host);

    /// Closes it. `why`, a sentence, is what fails all that is under way.
    void close(const std::string& why);

private:
    /// One that waits for an answer of the server: an acknowledgement, or the PONG that ends the login.
    struct Waiter : boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>
    {
        Event event;
        std::optional<NatsResult> result;
        std::string_view subject; ///< of the publication
    };
    using Waiters = boost::intrusive::list<Waiter, boost::intrusive::constant_time_size<false>>;

    /// Forgets the waiter of a token at the end of its scope.
    class Registration;

    struct PingTimer final : TimerWheel::Timer
    {
        explicit PingTimer(NatsConnection& owner)
            : connection(owner)
        {
        }
        void expired() override { connection.ping(); }
        NatsConnection& connection;
    };

    void received(std::string_view bytes) override;
    void ended(error_code error) override;
    void proceed() override {}

    void read_messages();
    void take(const nats::Info& info) { info_ = info; }
    void take(const nats::Message& message);
    void take(nats::Ping);
    void take(nats::Pong);
    void take(nats::Ok) {}
    void take(const nats::ServerError& error);
    void settle(Waiter& waiter, NatsResult result);
    void settle_forbidden(const std::string& error);
    void settle_all(const std::string& why);
    void wake_later();
    void wake();

    void ping();
    void flush();
    Awaitable<void> write_rest(std::shared_ptr<NatsConnection> self);
    std::optional<NatsFailure> unfit(const nats::Publication& publication) const;
    NatsFailure explained(const nats::PublishRefusal& refusal) const;

    asio::io_context& context_;
    TimerWheel& wheel_;
    const NatsPace pace_;
    const asio::ip::tcp::endpoint peer_;
    const std::string name_;                        ///< of the peer, for sentences
    const std::shared_ptr<TlsSession> tls_session_; ///< outlives the transport
    const std::unique_ptr<Transport> transport_;
    std::uint64_t permitted_by_ = 0; ///< edition of the rules that last allowed it

    nats::Info info_;
    nats::Reader reader_;
    bool is_open_ = true;
    std::string end_;        ///< why it was closed
    std::string last_error_; ///< of the server, which often says why before it closes
    TimePoint heard_at_ = Clock::now();
    unsigned unanswered_pings_ = 0;
    PingTimer ping_timer_{*this};

    std::string inbox_; ///< ends with a dot; tokens follow
    std::uint64_t last_token_ = 0;
    std::unordered_map<std::uint64_t, Waiter*> waiting_; ///< for acknowledgements, by token
    Waiter* logging_in_ = nullptr;
    Waiters settled_; ///< to be woken in another turn of the event loop
    bool wakes_later_ = false;

    std::string out_; ///< yet to be written
    bool is_writing_ = false;
    bool owes_pong_ = false;
};

} // namespace dialhook::net
