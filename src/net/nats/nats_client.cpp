#include "net/nats/nats_client.hpp"

#include "net/nats/nats_connector.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/intrusive/list.hpp>

#include <utility>

namespace dialhook::net {
namespace {

constexpr const char* closed = "the connection to NATS was closed: the daemon ends, or its configuration changed";

} // namespace

class NatsClient::Impl : public std::enable_shared_from_this<Impl>
{
public:
    Impl(asio::io_context& context, Poller& poller, TimerWheel& wheel, Resolver& resolver, NatsTarget target,
         NatsPace pace)
        : context_(context)
        , connector_(context, poller, wheel, resolver, pace)
        , target_(std::move(target))
        , backoff_(pace.backoff)
    {
    }

    Awaitable<NatsResult> publish([[maybe_unused]] std::shared_ptr<Impl> self, nats::Publication publication,
                                  Conditions conditions, Cancellation& cancellation)
    {
        if (cancellation.requested())
            co_return NatsFailure{};
        const auto failure = co_await connect(conditions, cancellation);
        if (failure)
            co_return *failure;
        const auto connection = current_;
        auto result = co_await connection->publish(publication, cancellation);
        co_return result;
    }

    void close()
    {
        closing_.request(CancelReason::shutdown);
        if (current_)
            current_->close(closed);
        current_.reset();
    }

    const NatsTarget& target() const { return target_; }

private:
    /// A publication that waits for the connection.
    struct Waiter : boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>
    {
        Event event;
    };
    using Waiters = boost::intrusive::list<Waiter, boost::intrusive::constant_time_size<false>>;

    const NatsTarget::Server& server() const { return target_.servers[next_server_ % target_.servers.size()]; }

    /// Waits until `current_` is usable. Returns why it cannot be.
    Awaitable<std::optional<NatsFailure>> connect(Conditions conditions, Cancellation& cancellation)
    {
        drop_unusable(conditions.egress);
        if (current_)
            co_return std::nullopt;
        if (closing_.requested())
            co_return NatsFailure{closed};
        if (!is_opening_ && Clock::now() < not_before_)
            co_return NatsFailure{failure_};
        Waiter waiter;
        waiting_.push_back(waiter);
        if (!is_opening_) {
            is_opening_ = true;
            asio::co_spawn(context_, open(shared_from_this(), conditions.egress, conditions.connect_timeout),
                           asio::detached); // perhaps done before this returns
        }
        {
            const OnCancel on_cancel(cancellation, [&waiter] { waiter.event.set(); });
            co_await waiter.event.wait();
        }
        if (current_ && !cancellation.requested())
            co_return std::nullopt;
        if (cancellation.requested() && cancellation.reason() != CancelReason::deadline)
            co_return NatsFailure{};
        if (cancellation.requested())
            co_return NatsFailure{"no connection to " + server().host + ":" + std::to_string(server().port) +
                                  " in time" + (failure_.empty() ? "" : "; before, " + failure_)};
        co_return NatsFailure{failure_};
    }

    /// After a connection broke, or is no longer allowed, another server has its turn.
    void drop_unusable(const egress::Rules& rules)
    {
        if (!current_)
            return;
        if (!current_->is_permitted(rules, server().host))
            current_->close("the egress rules no longer allow the address of " + server().host);
        if (current_->is_usable())
            return;
        failure_ = current_->end().empty() ? server().host + " is about to shut down" : current_->end();
        current_.reset();
        ++next_server_;
    }

    /// Tries each server once. On its own, since no publication may break it off for the others.
    Awaitable<void> open([[maybe_unused]] std::shared_ptr<Impl> self, egress::Rules rules,
                         std::chrono::milliseconds connect_timeout)
    {
        std::string failures;
        for (std::size_t tried = 0; tried < target_.servers.size(); ++tried) {
            auto opened = co_await connector_.open(target_, server(), rules, connect_timeout, closing_);
            if (opened) {
                current_ = *std::move(opened);
                break;
            }
            ++next_server_;
            failures += (failures.empty() ? "" : "; ") + opened.error().detail;
        }
        if (closing_.requested())
            failures = closed;
        failure_ = std::move(failures);
        not_before_ = Clock::now() + backoff_;
        is_opening_ = false;
        wake();
    }

    void wake()
    {
        Waiters now;
        now.swap(waiting_);
        while (!now.empty()) {
            Waiter& waiter = now.front();
            now.pop_front();
            waiter.event.set();
        }
    }

    asio::io_context& context_;
    NatsConnector connector_;
    const NatsTarget target_;
    const std::chrono::milliseconds backoff_;

    std::shared_ptr<NatsConnection> current_;
    std::size_t next_server_ = 0; ///< that of `current_`, if there is one
    bool is_opening_ = false;
    TimePoint not_before_{}; ///< no attempt to connect is made earlier
    std::string failure_;    ///< of the last attempt to connect, or of the connection that broke
    Waiters waiting_;
    Cancellation closing_;
};

NatsClient::NatsClient(asio::io_context& context, Poller& poller, TimerWheel& wheel, Resolver& resolver,
                       NatsTarget target, NatsPace pace)
    : impl_(std::make_shared<Impl>(context, poller, wheel, resolver, std::move(target), pace))
{
}

NatsClient::~NatsClient()
{
    close();
}

Awaitable<NatsResult> NatsClient::publish(nats::Publication publication, Conditions conditions,
                                          Cancellation& cancellation)
{
    return impl_->publish(impl_, publication, conditions, cancellation);
}

void NatsClient::close()
{
    impl_->close();
}

const NatsTarget& NatsClient::target() const
{
    return impl_->target();
}

} // namespace dialhook::net
