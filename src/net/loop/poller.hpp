#pragma once

#include "net/loop/asio.hpp"
#include "net/loop/deferred_resets.hpp"

#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/intrusive/list.hpp>
#include <sys/epoll.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <vector>

namespace dialhook::net {

/// Reports readiness of engine and upstream sockets, once for each arrival: an edge-triggered epoll set (epoll(7)) of
/// one worker thread. To Asio it is one descriptor that becomes readable.
///
/// Asio tries each read before it waits, because it forgets what epoll reported between two reads. Together with the
/// check of an idle connection before its use, three of a decision's seven system calls were wasted, 0.3 µs each.
class Poller
{
public:
    using PollHook = boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

    /// Owner of a socket. Outlives its registration: call `remove` first.
    class Watcher : public PollHook
    {
    public:
        /// Handles `events`, as in epoll_ctl(2). May remove any watcher, including this one.
        virtual void on_ready(std::uint32_t events) = 0;

    protected:
        ~Watcher() = default;
    };

    /// Work that is deferred until the watchers of one dispatch have run, such as writing the answers to one engine.
    /// With few ready sockets there is little to gather: it runs after each watcher then, so that no answer waits for
    /// the others.
    class DeferredFlush : public PollHook
    {
    public:
        virtual void flush_deferred() = 0;

    protected:
        ~DeferredFlush() = default;
    };

    /// Throws boost::system::system_error if the process is out of descriptors.
    explicit Poller(asio::io_context& context);
    Poller(const Poller&) = delete;
    Poller& operator=(const Poller&) = delete;
    ~Poller() = default;

    /// Starts to report to `watcher` when `socket` becomes readable, ends, or fails. While there are watchers, the
    /// event loop has work.
    error_code add(int socket, Watcher& watcher);

    /// Sets whether the watcher of `socket` also gets one report when it becomes writable.
    error_code also_room(int socket, bool wanted);

    /// Ends the reports to `watcher` of `socket`. Call it right before or after the socket is closed.
    void remove(Watcher& watcher, int socket);

    /// Ends the reports to `watcher` and resets its `socket`: now, or soon if many are reset at once.
    void remove_and_reset(Watcher& watcher, int socket);

    /// Reports to `watcher` once more, in another turn of the event loop: it left something unread.
    void again(Watcher& watcher);

    /// Returns whether a watcher is running. The others then know of all earlier arrivals, which are reported in order,
    /// but not of those that came while this one waited its turn.
    bool is_dispatching() const { return is_dispatching_; }

    /// Runs `task` once, after the running watcher or after all of this dispatch. Only while `is_dispatching`.
    void defer_flush(DeferredFlush& task);

private:
    void wait();
    void dispatch_events();
    void run_deferred_flushes();
    void dispatch_again();
    template <class Step>
    void attempt(Step step);
    void rethrow();

    asio::posix::basic_stream_descriptor<Executor> set_;
    std::array<epoll_event, 64> events_{}; ///< of one dispatch
    std::size_t next_ = 0;
    std::size_t count_ = 0;
    /// By socket. A socket that waits for its reset is still in the epoll set, which costs a fifth of a time-out's
    /// answer to change, but has no watcher.
    std::vector<Watcher*> watchers_;
    std::size_t watcher_count_ = 0;
    bool waits_ = false;
    bool is_dispatching_ = false;
    boost::intrusive::list<DeferredFlush, boost::intrusive::constant_time_size<false>> deferred_;
    boost::intrusive::list<Watcher, boost::intrusive::constant_time_size<false>> again_;
    bool again_is_posted_ = false;
    std::exception_ptr trouble_;
    DeferredResets resets_;
};

} // namespace dialhook::net
