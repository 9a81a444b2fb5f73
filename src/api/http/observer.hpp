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

/// Serves whoever watches the daemon: metrics, health and the status page over HTTP, `dialhookctl top` and `tail`. It
/// has a thread of its own, so a scrape of 100,000 webhooks or a browser that reads slowly delays no call and no
/// engine. All functions may be called from the main thread.
class Observer
{
public:
    /// Reads `sources.workers` until `stop`.
    explicit Observer(Sources sources);
    ~Observer();
    Observer(const Observer&) = delete;
    Observer& operator=(const Observer&) = delete;

    /// Takes over the socket of whoever has connected to `server.http`.
    void adopt(int socket, const net::asio::ip::tcp& protocol);

    /// A reload was applied: `snapshot` is in use now.
    void apply(std::shared_ptr<const dispatch::Snapshot> snapshot);

    /// A reload was refused for these faults.
    void refuse_reload(std::vector<std::string> faults);

    /// Takes the answer as JSON text, on the observer's thread.
    using Take = std::function<void(std::string)>;

    /// The `limit` webhooks that are in trouble or the busiest.
    void report_top(std::size_t limit, Take take);

    /// The decisions behind `cursor`, or without one the last ones, `limit` at most; with `webhook` its own alone.
    void report_decisions(std::optional<std::vector<std::uint64_t>> cursor, std::string webhook, std::size_t limit,
                          Take take);

    /// The daemon takes no calls any more.
    void drain();

    /// Closes everything and ends the thread.
    void stop();

private:
    friend class PageConnection;

    /// The place of one open status page. Not taken when there are too many.
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
    /// Names that the status page is served under, in lower case.
    std::vector<std::string> host_names() const;
    void make_room();

    /// As many at once. Beyond it the one that has made no progress for longest makes room.
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
