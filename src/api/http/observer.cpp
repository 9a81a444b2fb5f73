#include "api/http/observer.hpp"

#include "api/http/page_connection.hpp"
#include "api/http/reports.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <exception>
#include <utility>

namespace dialhook::status {

Observer::Observer(Sources sources)
    : sources_(std::move(sources))
    , activity_(std::make_unique<Activity>())
    , work_(context_.get_executor())
{
    thread_ = std::thread([this] { run(); });
}

Observer::~Observer()
{
    if (thread_.joinable())
        stop();
}

void Observer::run()
{
    while (true) {
        try {
            context_.run();
            return;
        } catch (const std::exception&) {
            // Out of memory: this client gets no answer. This thread decides no calls.
        }
    }
}

void Observer::adopt(int descriptor, const net::asio::ip::tcp& protocol)
{
    net::asio::post(context_, [this, descriptor, protocol] {
        net::TcpSocket socket(context_);
        net::error_code error;
        socket.assign(protocol, descriptor, error);
        if (error)
            ::close(descriptor);
        else
            serve(std::move(socket));
    });
}

void Observer::serve(net::TcpSocket socket)
{
    if (!work_)
        return; // stopped
    if (connections_.size() >= max_connections)
        make_room();
    const auto connection = std::make_shared<PageConnection>(*this, std::move(socket));
    connections_.push_back(connection);
    net::asio::co_spawn(context_.get_executor(), connection->run(connection), net::asio::detached);
}

/// Evicts the connection that has been idle longest: one that drips its head, or never reads.
void Observer::make_room()
{
    const net::TimePoint now = net::Clock::now();
    const auto last = std::ranges::min_element(
        connections_, {}, [now](const std::shared_ptr<PageConnection>& other) { return other->standing(now); });
    (*last)->close();
    connections_.erase(last);
}

void Observer::apply(std::shared_ptr<const dispatch::Snapshot> snapshot)
{
    net::asio::post(context_, [this, snapshot = std::move(snapshot)]() mutable {
        sources_.removed.replace(*sources_.snapshot, *snapshot);
        sources_.snapshot = std::move(snapshot);
        ++sources_.reloads.applied;
        sources_.reloads.last_success = std::chrono::system_clock::now();
        sources_.configuration = {std::move(sources_.configuration.file), sources_.reloads.last_success, false, {}, {}};
    });
}

void Observer::refuse_reload(std::vector<std::string> faults)
{
    net::asio::post(context_, [this, faults = std::move(faults)]() mutable {
        ++sources_.reloads.refused;
        sources_.configuration.refused_at = std::chrono::system_clock::now();
        sources_.configuration.faults = std::move(faults);
    });
}

std::vector<std::string> Observer::host_names() const
{
    std::vector<std::string> names = sources_.snapshot->configuration().server.http.hosts;
    std::array<char, 256> own{};
    if (::gethostname(own.data(), own.size() - 1) == 0 && own.front() != '\0')
        names.emplace_back(own.data());
    return names;
}

void Observer::report_top(std::size_t limit, Take take)
{
    net::asio::post(context_, [this, limit, take = std::move(take)] {
        activity_->update(sources_, net::Clock::now());
        take(top_report(sources_, *activity_, limit));
    });
}

void Observer::report_decisions(std::optional<std::vector<std::uint64_t>> cursor, std::string webhook,
                                std::size_t limit, Take take)
{
    net::asio::post(context_, [this, cursor = std::move(cursor), webhook = std::move(webhook), limit,
                               take = std::move(take)] { take(decisions_report(sources_, cursor, webhook, limit)); });
}

void Observer::drain()
{
    net::asio::post(context_, [this] { sources_.draining = true; });
}

void Observer::stop()
{
    net::asio::post(context_, [this] {
        for (const auto& connection : connections_)
            connection->close();
        work_.reset(); // the loop ends after the handlers of all closed sockets
    });
    thread_.join();
}

} // namespace dialhook::status
