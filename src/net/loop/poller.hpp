#pragma once

#include "net/loop/asio.hpp"

#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/intrusive/list.hpp>
#include <sys/epoll.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <exception>

namespace dialhook::net {

/// Reports readiness of engine and upstream sockets, once for each arrival: an epoll set (epoll(7)) of one worker
/// thread. For Asio it is one descriptor that becomes readable.
///
/// Asio tries every read before it waits for it, since it forgets between two reads what epoll has told it. With a look
/// at each idle connection before its use, three of seven system calls of a decision came to nothing, 0.3 µs each.
class Poller
{
public:
    using PollHook = boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

    /// Who owns a socket. Gone only after `remove`.
    class Watcher : public PollHook
    {
    public:
        /// `events` as in epoll_ctl(2). May remove any watcher, itself as well.
        virtual void on_ready(std::uint32_t events) = 0;

    protected:
        ~Watcher() = default;
    };

    /// What is to be done once after everybody was told: what all of them add to, such as the answers to one engine.
    /// Where only few are to be told, there is little to gather: it is done after each of them, and who waits for it
    /// does not wait for the others.
    class DeferredFlush : public PollHook
    {
    public:
        virtual void flush_deferred() = 0;

    protected:
        ~DeferredFlush() = default;
    };

    /// Throws boost::system::system_error if there is no descriptor left.
    explicit Poller(asio::io_context& context);
    Poller(const Poller&) = delete;
    Poller& operator=(const Poller&) = delete;
    ~Poller() = default;

    /// From now on `watcher` is told when `socket` has something to read, ends, or fails. While anybody is to be told,
    /// the event loop has work.
    error_code add(int socket, Watcher& watcher);

    /// Whether it is told, once, when there is room to write as well.
    error_code also_room(int socket, Watcher& watcher, bool wanted);

    /// `watcher` is told nothing any more. Right before or after its socket is closed.
    void remove(Watcher& watcher);

    /// `watcher` has left something unread: it is told again, in another turn of the event loop.
    void again(Watcher& watcher);

    /// Whether a watcher is being told right now. Then the others know what came before, for arrivals are told of in
    /// their order; but not what came while this one waited to be told.
    bool is_dispatching() const { return is_dispatching_; }

    /// While a watcher is being told: has `task` done once, after it or after all of this look.
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
    std::array<epoll_event, 64> events_{}; ///< of one look
    std::size_t next_ = 0;
    std::size_t count_ = 0;
    std::size_t watchers_ = 0;
    bool waits_ = false;
    bool is_dispatching_ = false;
    boost::intrusive::list<DeferredFlush, boost::intrusive::constant_time_size<false>> deferred_;
    boost::intrusive::list<Watcher, boost::intrusive::constant_time_size<false>> again_;
    bool again_is_posted_ = false;
    std::exception_ptr trouble_;
};

} // namespace dialhook::net
