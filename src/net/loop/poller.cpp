#include "net/loop/poller.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <cerrno>
#include <new>
#include <utility>

namespace dialhook::net {
namespace {

/// Measured: a thread at half load finds fewer arrivals than this in one dispatch, a saturated one twenty to fifty.
constexpr std::size_t few = 8;

constexpr int no_socket = -1;
constexpr std::uint32_t always = EPOLLIN | EPOLLRDHUP | EPOLLET;

error_code control(int set, int operation, int socket, std::uint32_t events)
{
    epoll_event event{};
    event.events = events;
    event.data.fd = socket;
    if (::epoll_ctl(set, operation, socket, &event) == 0)
        return {};
    return {errno, boost::system::system_category()};
}

int new_set()
{
    const int set = ::epoll_create1(EPOLL_CLOEXEC);
    if (set < 0)
        throw boost::system::system_error(errno, boost::system::system_category(), "cannot create an epoll set");
    return set;
}

} // namespace

Poller::Poller(asio::io_context& context)
    : set_(context, new_set())
    , resets_(context)
{
}

error_code Poller::add(int socket, Watcher& watcher)
{
    const auto index = static_cast<std::size_t>(socket);
    try {
        if (index >= watchers_.size())
            watchers_.resize(std::max(index + 1, 2 * watchers_.size()));
    } catch (const std::bad_alloc&) {
        return {ENOMEM, boost::system::system_category()};
    }
    const error_code error = control(set_.native_handle(), EPOLL_CTL_ADD, socket, always);
    if (error)
        return error;
    watchers_[index] = &watcher;
    ++watcher_count_;
    wait();
    return {};
}

error_code Poller::also_room(int socket, bool wanted)
{
    return control(set_.native_handle(), EPOLL_CTL_MOD, socket, wanted ? always | EPOLLOUT : always);
}

/// What this dispatch still has to report of `socket` may not go to the next one with the same number.
void Poller::remove(Watcher& watcher, int socket)
{
    for (std::size_t index = next_; index < count_; ++index)
        if (events_[index].data.fd == socket)
            events_[index].data.fd = no_socket;
    watchers_[static_cast<std::size_t>(socket)] = nullptr;
    watcher.unlink();
    if (--watcher_count_ == 0) {
        set_.cancel();
        resets_.reset_all(); // the event loop may end
    }
}

void Poller::remove_and_reset(Watcher& watcher, int socket)
{
    resets_.reset(socket);
    remove(watcher, socket);
}

void Poller::wait()
{
    if (waits_)
        return;
    waits_ = true;
    set_.async_wait(decltype(set_)::wait_read, [this](error_code error) {
        waits_ = false;
        if (watcher_count_ != 0)
            wait(); // first: it reuses the memory of the finished wait, and so cannot fail
        if (!error)
            dispatch_events();
    });
}

void Poller::dispatch_events()
{
    const int count = ::epoll_wait(set_.native_handle(), events_.data(), static_cast<int>(events_.size()), 0);
    count_ = static_cast<std::size_t>(std::max(count, 0));
    is_dispatching_ = true;
    for (next_ = 0; next_ < count_;) {
        const epoll_event event = events_[next_++];
        Watcher* const watcher =
            event.data.fd == no_socket ? nullptr : watchers_[static_cast<std::size_t>(event.data.fd)];
        if (watcher != nullptr)
            attempt([&] { watcher->on_ready(event.events); });
        if (count_ <= few)
            run_deferred_flushes();
    }
    is_dispatching_ = false;
    run_deferred_flushes();
    rethrow();
}

void Poller::run_deferred_flushes()
{
    while (!deferred_.empty()) {
        DeferredFlush& task = deferred_.front();
        deferred_.pop_front();
        attempt([&] { task.flush_deferred(); });
    }
}

void Poller::again(Watcher& watcher)
{
    if (!watcher.is_linked())
        again_.push_back(watcher);
    if (again_is_posted_)
        return;
    asio::post(set_.get_executor(), [this] { dispatch_again(); });
    again_is_posted_ = true;
}

void Poller::dispatch_again()
{
    again_is_posted_ = false;
    decltype(again_) now;
    now.swap(again_);
    while (!now.empty()) {
        Watcher& watcher = now.front();
        now.pop_front();
        attempt([&] { watcher.on_ready(EPOLLIN); });
    }
    rethrow();
}

/// Keeps an exception until all watchers have run: an edge-triggered set reports nothing twice.
template <class Step>
void Poller::attempt(Step step)
{
    try {
        step();
    } catch (...) {
        trouble_ = std::current_exception();
    }
}

void Poller::rethrow()
{
    if (trouble_)
        std::rethrow_exception(std::exchange(trouble_, nullptr));
}

void Poller::defer_flush(DeferredFlush& task)
{
    if (!task.is_linked())
        deferred_.push_back(task);
}

} // namespace dialhook::net
