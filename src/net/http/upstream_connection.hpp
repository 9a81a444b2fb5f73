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

/// Link in the list of idle connections, oldest first. Unlinked when the connection is used or closed.
using RestingPlace = boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

/// Shared by all upstream connections of one thread.
struct ConnectionPool
{
    explicit ConnectionPool(std::size_t most)
        : max_idle(most)
    {
    }

    ConnectionCounts counts;
    std::size_t max_idle;
    /// Candidates for eviction, the one idle longest first.
    boost::intrusive::list<RestingPlace, boost::intrusive::constant_time_size<false>> resting;
};

/// Shared by the connections of one thread to one target.
struct PooledOrigin
{
    explicit PooledOrigin(std::shared_ptr<ConnectionPool> of_thread)
        : pool(std::move(of_thread))
    {
    }

    std::shared_ptr<ConnectionPool> pool;
    std::vector<std::shared_ptr<UpstreamConnection>>
        idle; ///< last in, first out, so that surplus ones age and are closed
    TlsSession tls_session;
    std::size_t open = 0;               ///< connections, idle and busy
    std::size_t kept_open = 0;          ///< this many are wanted, used or not
    HttpClient::ConnectionEnded on_end; ///< null: not wanted
};

/// An open connection to a web server. Carries one request at a time, and is in its origin's idle list in between.
///
/// Always reading, so it notices at once when the web server closes it while idle.
class UpstreamConnection final : public std::enable_shared_from_this<UpstreamConnection>,
                                 public RestingPlace,
                                 public AddressUser,
                                 private Transport::User
{
public:
    UpstreamConnection(std::unique_ptr<Transport> transport, const asio::ip::tcp::endpoint& peer,
                       std::shared_ptr<PooledOrigin> origin, TimerWheel& wheel);

    /// Starts to read. Once, after it is owned by a shared_ptr.
    void start();

    /// Sends `request` and waits for the whole response, or until `cancellation`. The caller keeps the connection alive
    /// until then. Returns nullopt if `response()` has the response.
    Awaitable<std::optional<Failure>> exchange(const HttpRequest& request, Cancellation& cancellation, Timing& timing);

    const Response& response() const { return reader_.response(); }
    bool is_open() const { return open_; }
    bool reply_has_begun() const { return first_byte_at_ != TimePoint{}; }
    bool request_has_begun() const { return bytes_sent_ != 0; }

    /// Returns whether nothing of the last exchange can leak into the next.
    bool is_reusable() const { return open_ && reusable_; }

    /// Returns whether `rules` still allow requests for `host` to its address; to a proxy, by the host alone.
    bool is_permitted(const egress::Rules& rules, std::string_view host, bool is_proxied);

    asio::ip::address address() const override { return peer_.address(); }

    /// Closes the connection, if an exchange is under way after it.
    void address_is_gone() override;

    /// Returns it to the idle list of its origin, from which it is evicted when it is not used for a while or too many
    /// are idle. Closes it at once if it may not be reused.
    void rest();

    /// Takes it from the idle list. Returns false if it is unusable: closed by the web server, or with unsolicited
    /// bytes. Checks more closely for a request that is not repeatable, which costs a system call.
    bool wake(bool is_repeatable);

    void close(Ending ending = Ending::orderly);

private:
    /// Outcome of the exchange under way.
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
    bool is_misplaced_ = false;      ///< the name no longer has its address
    std::uint64_t permitted_by_ = 0; ///< edition of the rules that last allowed it

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
        Clock::now(); ///< when the web server last sent something or closed; at first, when it was opened
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
