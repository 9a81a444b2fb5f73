#include "net/loop/deferred_close.hpp"

#include <boost/asio/post.hpp>
#include <unistd.h>

#include <new>

namespace dialhook::net {

bool DeferredClose::close(int socket)
{
    if (!is_one_of_few()) {
        try {
            waiting_.push_back(socket);
            if (waiting_.size() == 1) {
                alarm_.expires_after(pause);
                alarm_.async_wait([this](error_code error) {
                    if (!error)
                        close_portion();
                });
            }
            return true;
        } catch (const std::bad_alloc&) { // then the others wait
            std::erase(waiting_, socket);
        }
    }
    ::close(socket);
    return false;
}

bool DeferredClose::is_one_of_few()
{
    const TimePoint now = Clock::now();
    if (now >= moment_ends_at_) {
        moment_ends_at_ = now + pause;
        closed_in_moment_ = 0;
    }
    return ++closed_in_moment_ <= at_once;
}

void DeferredClose::close_portion()
{
    for (std::size_t count = 0; count < portion && !waiting_.empty(); ++count) {
        ::close(waiting_.back());
        waiting_.pop_back();
    }
    if (waiting_.empty())
        waiting_.shrink_to_fit();
    else
        asio::post(alarm_.get_executor(), [this] { close_portion(); });
}

void DeferredClose::close_all()
{
    alarm_.cancel();
    for (const int socket : waiting_)
        ::close(socket);
    waiting_.clear();
}

} // namespace dialhook::net
