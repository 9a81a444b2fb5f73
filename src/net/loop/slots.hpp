#pragma once

#include "net/loop/gate.hpp"
#include "net/loop/stop.hpp"

#include <boost/intrusive/list.hpp>

#include <cstdint>
#include <memory>
#include <utility>

namespace dialhook::net {

/// Counting semaphore for the work of one thread; waiters are served
/// first in, first out.
class Slots
{
public:
    /// One place, given back when it ends.
    class Taken
    {
    public:
        Taken() = default;
        explicit Taken(Slots& slots)
            : slots_(&slots)
        {
        }
        Taken(Taken&& other) noexcept
            : slots_(std::exchange(other.slots_, nullptr))
        {
        }
        Taken& operator=(Taken&& other) noexcept
        {
            std::swap(slots_, other.slots_);
            return *this;
        }
        ~Taken()
        {
            if (slots_ != nullptr)
                slots_->give_back();
        }

        explicit operator bool() const { return slots_ != nullptr; }

    private:
        Slots* slots_ = nullptr;
    };

    /// A place for work that makes way: as soon as somebody finds none, its `stop` is requested with cause `abandoned`.
    /// One at a time.
    class Borrowed
    {
    public:
        Borrowed(Slots& slots, std::uint32_t limit, Stop& stop)
            : slots_(slots)
            , stop_(stop)
            , place_(slots.take_at_once(limit))
        {
            if (place_)
                slots_.borrower_ = &stop_;
        }
        ~Borrowed()
        {
            if (slots_.borrower_ == &stop_)
                slots_.borrower_ = nullptr;
        }
        Borrowed(const Borrowed&) = delete;
        Borrowed& operator=(const Borrowed&) = delete;

        explicit operator bool() const { return static_cast<bool>(place_); }

    private:
        Slots& slots_;
        Stop& stop_;
        Taken place_;
    };

    Slots() = default;
    Slots(const Slots&) = delete;
    Slots& operator=(const Slots&) = delete;

    /// Takes a place if fewer than `limit` are taken and nobody waits; else nothing.
    Taken take_at_once(std::uint32_t limit);

    /// Waits for a place. Nothing: `stop` was requested before.
    Awaitable<Taken> wait(Stop& stop);

    bool is_idle() const { return taken_ == 0 && waiting_.empty(); }

private:
    /// Woken by the event loop, never within `give_back`: who then fails at once would wake the next one, and thousands
    /// of them would stand on one stack. Leaves the queue at its end, wherever in it it stands, without a search.
    struct Waiter : std::enable_shared_from_this<Waiter>,
                    boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>
    {
        explicit Waiter(Executor of)
            : executor(std::move(of))
        {
        }

        Gate gate;
        bool has_place = false;
        Executor executor;
    };

    void give_back();

    std::uint32_t taken_ = 0;
    boost::intrusive::list<Waiter, boost::intrusive::constant_time_size<false>> waiting_;
    Stop* borrower_ = nullptr;
};

} // namespace dialhook::net
