#pragma once

#include "net/loop/cancellation.hpp"
#include "net/loop/event.hpp"

#include <boost/intrusive/list.hpp>

#include <cstdint>
#include <memory>
#include <utility>

namespace dialhook::net {

/// Counting semaphore for one thread. Waiters are served first in, first out.
class Semaphore
{
public:
    /// One permit. Releases it when destroyed.
    class Permit
    {
    public:
        Permit() = default;
        explicit Permit(Semaphore& semaphore)
            : semaphore_(&semaphore)
        {
        }
        Permit(Permit&& other) noexcept
            : semaphore_(std::exchange(other.semaphore_, nullptr))
        {
        }
        Permit& operator=(Permit&& other) noexcept
        {
            std::swap(semaphore_, other.semaphore_);
            return *this;
        }
        ~Permit()
        {
            if (semaphore_ != nullptr)
                semaphore_->release();
        }

        explicit operator bool() const { return semaphore_ != nullptr; }

    private:
        Semaphore* semaphore_ = nullptr;
    };

    /// A permit for work that yields: the first waiter that finds no permit requests `cancellation` with reason
    /// `abandoned`. One at a time.
    class BorrowedPermit
    {
    public:
        BorrowedPermit(Semaphore& semaphore, std::uint32_t limit, Cancellation& cancellation)
            : semaphore_(semaphore)
            , cancellation_(cancellation)
            , permit_(semaphore.try_acquire(limit))
        {
            if (permit_)
                semaphore_.borrower_ = &cancellation_;
        }
        ~BorrowedPermit()
        {
            if (semaphore_.borrower_ == &cancellation_)
                semaphore_.borrower_ = nullptr;
        }
        BorrowedPermit(const BorrowedPermit&) = delete;
        BorrowedPermit& operator=(const BorrowedPermit&) = delete;

        explicit operator bool() const { return static_cast<bool>(permit_); }

    private:
        Semaphore& semaphore_;
        Cancellation& cancellation_;
        Permit permit_;
    };

    Semaphore() = default;
    Semaphore(const Semaphore&) = delete;
    Semaphore& operator=(const Semaphore&) = delete;

    /// Returns a permit if fewer than `limit` are taken and the queue is empty, else an empty one.
    Permit try_acquire(std::uint32_t limit);

    /// Waits for a permit. Returns an empty one if `cancellation` is requested first.
    Awaitable<Permit> acquire(Cancellation& cancellation);

    bool is_idle() const { return taken_ == 0 && waiting_.empty(); }

private:
    /// Resumed by the event loop, never inside `release`: a waiter that fails at once would resume the next one, and
    /// thousands would nest on one stack. Unlinks itself from the queue when destroyed, without a search.
    struct Waiter : std::enable_shared_from_this<Waiter>,
                    boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>
    {
        explicit Waiter(Executor of)
            : executor(std::move(of))
        {
        }

        Event event;
        bool has_permit = false;
        Executor executor;
    };

    void release();

    std::uint32_t taken_ = 0;
    boost::intrusive::list<Waiter, boost::intrusive::constant_time_size<false>> waiting_;
    Cancellation* borrower_ = nullptr;
};

} // namespace dialhook::net
