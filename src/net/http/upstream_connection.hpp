#pragma once

#include "egress/rules.hpp"
#include "metrics/counter.hpp"
#include "net/dns/address_user.hpp"
#include "net/http/http_client.hpp"
#include "net/http/response_reader.hpp"
#include "net/http/target.hpp"
#include "net/http/timing.hpp"
#include "net/loop/asio.hpp"
#include "net/loop/event.hpp"
#include "net/loop/failure.hpp"
#include "net/loop/timer_wheel.hpp"
#include "net/transport/transport.hpp"

#include <boost/intrusive/list.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dialhook::net {

class UpstreamConnection;

/// A place in the order in which connections came to rest. It is left when the connection is used or ends.
using RestingPlace = boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

/// What all connections of one thread have in common.
struct ConnectionPool
{
    explicit ConnectionPool(std::size_t most)
        : max_idle(most)
    {
    }

    ConnectionCounts counts;
    std::size_t max_idle;
    /// Those that may be closed to make room, the one that has rested for longest first.
    boost::intrusive::list<RestingPlace, boost::intrusive::constant_time_size<false>> resting;
};

/// What the connections of one thread to one target have in common.
struct PooledOrigin
{
    explicit PooledOrigin(std::shared_ptr<ConnectionPool> of_thread)
        : pool(std::move(of_thread))
    {
    }

    std::shared_ptr<ConnectionPool> pool;
    std::vector<std::shared_ptr<UpstreamConnection>> idle; ///< last in, first out: the rest can grow old and be closed
    TlsSession tls_session;
    std::size_t open = 0;               ///< connections, idle and busy
    std::size_t kept_open = 0;          ///< so many are wanted, whether they are used or not
    HttpClient::ConnectionEnded on_end; ///< null: nobody wants to know
};

/// An open connection to a web server. One request at a time; between them it lies in its origin's idle list.
///
/// It is read from the start to the end, so it notices at once when the web server closes an idle connection.
class UpstreamConnection final : public std::enable_shared_from_this<UpstreamConnection>,
                                 public RestingPlace,
                                 public AddressUser,
                                 private Transport::User
{
public:
    UpstreamConnection(std::unique_ptr<Transport> transport, const asio::ip::tcp::endpoint& peer,
                       std::shared_ptr<PooledOrigin> origin, TimerWheel& wheel);

    /// Starts to read. Once, after it was put into a shared_ptr.
    void start();

    /// Sends `request` and waits for the whole response, or until `cancellation`; the caller keeps the connection alive
    /// until then. Nothing: `response()` has it.
    Awaitable<std::optional<Failure>> exchange(const HttpRequest& request, Cancellation& cancellation, Timing& timing);

    const Response& response() const { return reader_.response(); }
    bool is_open() const { return open_; }
    bool reply_has_begun() const { return first_byte_at_ != TimePoint{}; }
    bool request_has_begun() const { return bytes_sent_ != 0; }

    /// Whether nothing of the last exchange can leak into the next.
    bool is_reusable() const { return open_ && reusable_; }

    /// Whether `rules` still let requests for `host` go to its address, or, to a proxy's, by their host alone.
    bool is_permitted(const egress::Rules& rules, std::string_view host, bool is_proxied);

    asio::ip::address address() const override { return peer_.address(); }

    /// An exchange under way is not cut; there is no further one.
    void address_is_gone() override;

    /// Puts it among the idle ones of its origin; closed when it is not used again for a while, or when there are many.
    /// One that may not be used again is closed at once.
    void rest();

    /// Takes it from rest. False if it cannot be used: the web server has closed it, or has sent what nobody asked for.
    /// A request that must not be repeated is worth a closer look.
    bool wake(bool is_repeatable);

    void close(Ending ending = Ending::orderly);

private:
    /// How the exchange under way came out.
    enum class Outcome : unsigned char
    {
        none,
        whole,
        refused,
        closed,
        cancelled
    };

    void received(std::string_view bytes) override;
    void ended(error_code error) override;
    void proceed() override;
    Awaitable<void> send_rest(std::string_view request);
    Outcome take(std::string_view bytes);
    void settle(Outcome outcome);
    std::optional<Failure> failure() const;

    std::unique_ptr<Transport> transport_;
    std::shared_ptr<PooledOrigin> origin_;
    TimerWheel& wheel_;
    asio::ip::tcp::endpoint peer_;
    bool is_misplaced_ = false;      ///< its address is not the name's any more
    std::uint64_t permitted_by_ = 0; ///< the edition of the rules that it was last judged by

    ResponseReader reader_;
    Event settled_;
    Outcome outcome_ = Outcome::none;
    bool open_ = true;
    bool busy_ = false;
    bool request_sent_ = false;
    bool reusable_ = false;
    error_code error_;
    std::size_t bytes_sent_ = 0;
    TimePoint first_byte_at_{};
    Transcript* transcript_ = nullptr;
    TimePoint heard_at_ =
        Clock::now(); ///< when the web server last sent something, or closed; at first when it was open
    TimePoint retires_at_;

    struct RestTimer final : TimerWheel::Timer
    {
        explicit RestTimer(UpstreamConnection& connection)
            : connection_(connection)
        {
        }
        void expired() override { connection_.close(); }
        UpstreamConnection& connection_;
    };
    RestTimer rest_timer_;
};

} // namespace dialhook::net
