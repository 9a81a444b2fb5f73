#include "net/loop/deferred_resets.hpp"

#include <boost/asio/post.hpp>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <new>

namespace dialhook::net {
namespace {

/// Of the connections that are reset in one turn of the event loop.
constexpr std::size_t resets_in_a_turn = 2;

void reset_now(int socket)
{
    const linger at_once{.l_onoff = 1, .l_linger = 0}; // socket(7), SO_LINGER
    ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    ::close(socket);
}

} // namespace

void DeferredResets::reset(int socket)
{
    const TimePoint now = Clock::now();
    if (now >= moment_ends_at_) {
        moment_ends_at_ = now + pause;
        reset_in_moment_ = 0;
    }
    if (++reset_in_moment_ > at_once) {
        added_at_ = now;
        if (keep(socket))
            return;
    }
    reset_now(socket);
}

bool DeferredResets::keep(int socket)
{
    try {
        waiting_.push_back(socket);
        if (waiting_.size() == 1) {
            max_wait_ends_at_ = added_at_ + max_wait;
            wait_until(added_at_ + pause);
        }
        return true;
    } catch (const std::bad_alloc&) { // then the calls wait
        std::erase(waiting_, socket);
        return false;
    }
}

void DeferredResets::wait_until(TimePoint at)
{
    alarm_.expires_at(at);
    alarm_.async_wait([this](error_code error) {
        if (error)
            return;
        const TimePoint quiet_at = std::min(added_at_ + pause, max_wait_ends_at_);
        if (Clock::now() < quiet_at)
            wait_until(quiet_at);
        else
            reset_portion();
    });
}

void DeferredResets::reset_portion()
{
    for (std::size_t count = 0; count < resets_in_a_turn && !waiting_.empty(); ++count) {
        reset_now(waiting_.back());
        waiting_.pop_back();
    }
    if (waiting_.empty())
        waiting_.shrink_to_fit();
    else
        asio::post(alarm_.get_executor(), [this] { reset_portion(); });
}

void DeferredResets::reset_all()
{
    alarm_.cancel();
    std::for_each(waiting_.begin(), waiting_.end(), reset_now);
    waiting_.clear();
}

} // namespace dialhook::net
