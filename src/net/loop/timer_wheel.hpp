#pragma once

#include "net/loop/asio.hpp"
#include "net/loop/cancellation.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace dialhook::net {

/// Holds all deadlines of one thread. Arming and disarming take a few instructions and allocate nothing.
///
/// A hashed wheel of coarse ticks (Varghese and Lauck, 1987). A timer fires not before its time and at most about one
/// tick (5 ms) after it. It sleeps until the next slot that holds a timer, so an idle daemon does not wake up. When
/// thousands of deadlines expire at once, it fires them in portions and lets other work run between.
class TimerWheel
{
public:
    static constexpr std::chrono::milliseconds tick{5};

    /// One deadline. Disarms itself when destroyed.
    class Timer
    {
    public:
        Timer() = default;
        Timer(const Timer&) = delete;
        Timer& operator=(const Timer&) = delete;

        bool is_armed() const { return next_ != nullptr; }

    protected:
        virtual ~Timer() { unlink(); }

    private:
        friend class TimerWheel;

        virtual void expired() = 0;
        void unlink();

        Timer* next_ = nullptr;
        Timer* previous_ = nullptr;
        std::uint64_t due_ = 0; ///< in ticks since the wheel was made
    };

    explicit TimerWheel(asio::io_context& context);
    TimerWheel(const TimerWheel&) = delete;
    TimerWheel& operator=(const TimerWheel&) = delete;

    /// Sets `timer` to fire at `at`, and only then, whatever it was set to before.
    void arm(Timer& timer, TimePoint at);
    void disarm(Timer& timer) { timer.unlink(); }

    /// Fires what is due at `now`, in portions. The alarm does so at the present time; tests drive the clock with it.
    void turn(TimePoint now);

    /// Ends the wait for the next tick, so that the event loop can run out of work.
    void close();

private:
    /// Head of a circular list.
    struct Slot final : Timer
    {
        Slot();
        void expired() override {}
    };

    static constexpr std::size_t slot_count = 1024;

    std::uint64_t ticks_until(TimePoint at) const;
    static void append(Slot& slot, Timer& timer);
    void wake_at(std::uint64_t tick_number);
    void collect_due(std::uint64_t now);
    void fire_portion();
    void wake_for_next();

    TimePoint start_ = Clock::now();
    SteadyTimer alarm_;
    std::uint64_t alarm_at_; ///< tick that the alarm is set to; `never` if it is not
    std::uint64_t turned_to_ = 0;
    bool closed_ = false;
    Slot due_;
    std::array<Slot, slot_count> slots_;
};

/// A timer that calls `function`.
template <class Function>
class FunctionTimer final : public TimerWheel::Timer
{
public:
    explicit FunctionTimer(Function function)
        : function_(std::move(function))
    {
    }

private:
    void expired() override { function_(); }

    Function function_;
};

/// Requests `cancellation` with reason `deadline` at a time, while this object lives.
class Deadline final : TimerWheel::Timer
{
public:
    Deadline(TimerWheel& wheel, Cancellation& cancellation, TimePoint at)
        : cancellation_(cancellation)
    {
        wheel.arm(*this, at);
    }

private:
    void expired() override { cancellation_.request(CancelReason::deadline); }

    Cancellation& cancellation_;
};

} // namespace dialhook::net
