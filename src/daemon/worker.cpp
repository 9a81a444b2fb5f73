#include "daemon/worker.hpp"

#include "api/engine_http/http_session.hpp"
#include "api/fastagi/agi_session.hpp"
#include "api/rpc/rpc_session.hpp"
#include "daemon/process.hpp"

#include <boost/asio/post.hpp>
#include <unistd.h>

#include <exception>

namespace dialhook::daemon {
namespace {

/// Half of the descriptors may be idle upstream connections, a quarter each engines, channels and engines over HTTP, so
/// that none of them can take all.
std::size_t max_idle_connections(dispatch::ThreadShare share)
{
    return share.of(descriptor_limit() / 2);
}

std::size_t max_sessions(dispatch::ThreadShare share)
{
    return share.of(descriptor_limit() / 4);
}

} // namespace

/// One thread runs the loop and uses its sockets, which then need no locks; others may only post to it.
Worker::Worker(dispatch::ThreadShare share, net::ResolverSettings resolver,
               std::shared_ptr<const dispatch::Snapshot> snapshot, fastagi::AskedChannels& asked_channels,
               spool::Spool& spool, log::Log& log)
    : context_(BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO)
    , poller_(context_)
    , wheel_(context_)
    , mailbox_(std::make_shared<net::Mailbox>(context_))
    , client_(context_, poller_, wheel_, std::move(resolver), max_idle_connections(share))
    , metrics_(share)
    , ring_(std::make_shared<dispatch::DecisionRing>())
    , decisions_(metrics_, *ring_, log)
    , dispatcher_(client_, wheel_, metrics_)
    , prewarm_(context_, wheel_, client_, dispatcher_, share, log)
    , dry_runs_(context_, dispatcher_)
    , services_{context_, poller_, wheel_, dispatcher_, spool, mailbox_, metrics_, decisions_, log, {}}
    , engines_(services_, max_sessions(share))
    , channels_(services_, asked_channels, max_sessions(share))
    , http_engines_(services_, max_sessions(share))
    , log_(log)
    , work_(context_.get_executor())
{
    log_.add(std::make_shared<dispatch::DecisionFeed>(ring_));
    use(std::move(snapshot));
    thread_ = std::thread([this] { run(); });
}

Worker::~Worker()
{
    stop();
}

/// The next call sees `snapshot`; those under way end with theirs.
void Worker::use(std::shared_ptr<const dispatch::Snapshot> snapshot)
{
    prewarm_.use(snapshot);
    services_.tells_events = !snapshot->configuration().notifications->empty();
    services_.snapshot = std::move(snapshot);
}

void Worker::run()
{
    while (true) {
        try {
            context_.run();
            return;
        } catch (const std::exception& error) {
            // An exception of one connection (out of memory, most likely) must not end the others.
            log_.write(log::Level::error, "unexpected exception on an event loop", {{"detail", error.what()}});
        }
    }
}

void Worker::adopt_engine(int socket)
{
    net::asio::post(context_, [this, socket] { engines_.adopt(socket); });
}

template <class Sessions>
void Worker::adopt_tcp(Sessions& sessions, int socket, const net::asio::ip::tcp& protocol)
{
    net::asio::post(context_, [this, &sessions, socket, protocol] {
        net::TcpSocket connection(context_);
        net::error_code error;
        connection.assign(protocol, socket, error);
        if (error)
            ::close(socket);
        else
            sessions.adopt(std::move(connection));
    });
}

void Worker::adopt_channel(int socket, const net::asio::ip::tcp& protocol)
{
    adopt_tcp(channels_, socket, protocol);
}

void Worker::adopt_http_engine(int socket, const net::asio::ip::tcp& protocol)
{
    adopt_tcp(http_engines_, socket, protocol);
}

void Worker::apply(std::shared_ptr<const dispatch::Snapshot> snapshot, net::ResolverSettings resolver)
{
    net::asio::post(context_, [this, snapshot = std::move(snapshot), resolver = std::move(resolver)]() mutable {
        client_.configure(std::move(resolver));
        use(std::move(snapshot));
    });
}

void Worker::ping(std::function<void()> answered)
{
    net::asio::post(context_, std::move(answered));
}

void Worker::dry_run(std::shared_ptr<const dispatch::Snapshot> snapshot, const dispatch::ResolvedWebhook& resolved,
                     Call call, Code code, std::function<void(std::unique_ptr<dispatch::DispatchResult>)> done)
{
    net::asio::post(context_, [this, snapshot = std::move(snapshot), &resolved, call = std::move(call),
                               code = std::move(code), done = std::move(done)]() mutable {
        dry_runs_.dispatch(std::move(snapshot), resolved, std::move(call), std::move(code), std::move(done));
    });
}

void Worker::drain(std::function<void()> finished)
{
    net::asio::post(context_, [this, finished = std::move(finished)] {
        const auto one_is_done = [finished, left = std::make_shared<int>(3)] {
            if (--*left == 0)
                finished();
        };
        dry_runs_.stop();
        prewarm_.stop();
        client_.close_idle();
        engines_.drain(one_is_done);
        channels_.drain(one_is_done);
        http_engines_.drain(one_is_done);
    });
}

void Worker::cancel_calls()
{
    net::asio::post(context_, [this] {
        engines_.cancel_calls();
        channels_.cancel_calls();
        http_engines_.cancel_calls();
    });
}

void Worker::stop()
{
    if (!thread_.joinable())
        return;
    net::asio::post(context_, [this] {
        engines_.close();
        channels_.close();
        http_engines_.close();
        prewarm_.stop();
        client_.close();
        mailbox_->close();
        wheel_.close();
        work_.reset(); // the loop ends after the handlers of all closed sockets
    });
    thread_.join();
}

} // namespace dialhook::daemon
