#pragma once

#include "api/http/sources.hpp"
#include "net/loop/asio.hpp"

#include <boost/asio/executor_work_guard.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace dialhook::status {

class Activity;
class PageConnection;

/// Serves metrics, health and the status page over HTTP, and `dialhookctl top` and `tail`. Has its own thread, so that
/// neither a scrape of 100,000 webhooks nor a slow browser delays a call. All functions may be called from the main
/// thread.
class Observer
{
public:
    /// Reads `sources.workers` until `stop`.
    explicit Observer(Sources sources);
    ~Observer();
    Observer(const Observer&) = delete;
    Observer& operator=(const Observer&) = delete;

    /// Takes over a socket accepted on `server.http`.
    void adopt(int socket, const net::asio::ip::tcp& protocol);

    /// Switches to `snapshot` after a reload.
    void apply(std::shared_ptr<const dispatch::Snapshot> snapshot);

    /// Records the faults for which a reload was refused.
    void refuse_reload(std::vector<std::string> faults);

    /// Takes the answer as JSON text, on the observer's thread.
    using Take = std::function<void(std::string)>;

    /// Reports `limit` webhooks, those in trouble and then the busiest.
    void report_top(std::size_t limit, Take take);

    /// Reports at most `limit` decisions after `cursor`, or the last ones without it; with `webhook` only its own.
    void report_decisions(std::optional<std::vector<std::uint64_t>> cursor, std::string webhook, std::size_t limit,
                          Take take);

    /// Records that the daemon drains.
    void drain();

    /// Closes everything and ends the thread.
    void stop();

private:
    friend class PageConnection;

    /// Permit of one open status page. Empty if there are too many.
    class Watching
    {
    public:
        explicit Watching(Observer& observer)
            : observer_(observer)
            , taken_(observer.watching_++ < max_watching)
        {
        }
        ~Watching() { --observer_.watching_; }
        Watching(const Watching&) = delete;
        Watching& operator=(const Watching&) = delete;

        explicit operator bool() const { return taken_; }

    private:
        Observer& observer_;
        bool taken_;
    };

    void run();
    void serve(net::TcpSocket socket);
    /// Returns the host names under which the status page is served, in lower case.
    std::vector<std::string> host_names() const;
    void make_room();

    /// Limit of connections. Beyond it the one that has been idle longest is evicted.
    static constexpr std::size_t max_connections = 128;
    static constexpr unsigned max_watching = 32;
    static_assert(max_watching < max_connections, "who watches keeps nobody out");

    Sources sources_;
    std::unique_ptr<Activity> activity_;
    unsigned watching_ = 0;
    net::asio::io_context context_{1};
    std::vector<std::shared_ptr<PageConnection>> connections_;
    std::optional<net::asio::executor_work_guard<net::Executor>> work_;
    std::thread thread_;
};

} // namespace dialhook::status
