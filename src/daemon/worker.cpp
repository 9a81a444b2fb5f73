#include "daemon/worker.hpp"

#include <boost/asio/post.hpp>
#include <unistd.h>

#include <exception>

namespace dialhook::daemon {

/// The hint 1 says that one thread runs the loop; others may still post to it.
Worker::Worker(net::ResolverSettings resolver, std::shared_ptr<const dispatch::Snapshot> snapshot, log::Log& log)
    : context_(1)
    , wheel_(context_)
    , client_(context_, wheel_, std::move(resolver))
    , dispatcher_(client_, wheel_)
    , sessions_(context_, dispatcher_, tally_, log)
    , log_(log)
    , work_(context_.get_executor())
{
    sessions_.use(std::move(snapshot));
    thread_ = std::thread([this] { run(); });
}

Worker::~Worker()
{
    if (thread_.joinable())
        stop();
}

void Worker::run()
{
    while (true) {
        try {
            context_.run();
            return;
        } catch (const std::exception& error) {
            // One connection's trouble (memory, most likely) must not end the others.
            log_.write(log::Level::error, "unexpected exception on an event loop", {{"detail", error.what()}});
        }
    }
}

void Worker::adopt(int socket)
{
    net::asio::post(context_, [this, socket] {
        net::UnixSocket engine(context_);
        net::error_code error;
        engine.assign(net::asio::local::stream_protocol(), socket, error);
        if (error)
            ::close(socket);
        else
            sessions_.adopt(std::move(engine));
    });
}

void Worker::apply(std::shared_ptr<const dispatch::Snapshot> snapshot, net::ResolverSettings resolver)
{
    net::asio::post(context_, [this, snapshot = std::move(snapshot), resolver = std::move(resolver)]() mutable {
        sessions_.use(std::move(snapshot));
        client_.configure(std::move(resolver));
    });
}

void Worker::drain(std::function<void()> finished)
{
    net::asio::post(context_,
                    [this, finished = std::move(finished)]() mutable { sessions_.drain(std::move(finished)); });
}

void Worker::stop_calls()
{
    net::asio::post(context_, [this] { sessions_.stop_calls(); });
}

void Worker::stop()
{
    net::asio::post(context_, [this] {
        sessions_.close();
        client_.close();
        wheel_.close();
        work_.reset(); // the loop ends when all that was closed has noticed it
    });
    thread_.join();
}

} // namespace dialhook::daemon
