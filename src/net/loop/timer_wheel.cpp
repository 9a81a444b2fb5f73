#include "net/loop/timer_wheel.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <limits>

namespace dialhook::net {
namespace {

constexpr std::uint64_t never = std::numeric_limits<std::uint64_t>::max();

/// How many timers fire in one turn of the event loop when more are due at once. Their answers to one engine are one
/// write; with two of them, writing was a tenth of the time. Others wait for a portion: 9 µs for each call.
constexpr std::size_t timers_in_a_turn = 16;

} // namespace

void TimerWheel::Timer::unlink()
{
    if (next_ == nullptr)
        return;
    next_->previous_ = previous_;
    previous_->next_ = next_;
    next_ = previous_ = nullptr;
}

TimerWheel::Slot::Slot()
{
    next_ = previous_ = this;
}

TimerWheel::TimerWheel(asio::io_context& context)
    : alarm_(context)
    , alarm_at_(never)
{
}

/// Rounded up: a timer never fires early.
std::uint64_t TimerWheel::ticks_until(TimePoint at) const
{
    return at <= start_ ? 0 : static_cast<std::uint64_t>((at - start_ + tick - Clock::duration(1)) / tick);
}

void TimerWheel::append(Slot& slot, Timer& timer)
{
    timer.previous_ = slot.previous_;
    timer.next_ = &slot;
    slot.previous_->next_ = &timer;
    slot.previous_ = &timer;
}

void TimerWheel::arm(Timer& timer, TimePoint at)
{
    timer.unlink();
    timer.due_ = std::max(ticks_until(at), turned_to_ + 1);
    append(slots_[timer.due_ % slot_count], timer);
    if (timer.due_ < alarm_at_)
        wake_at(timer.due_);
}

void TimerWheel::close()
{
    closed_ = true;
    alarm_.cancel();
}

void TimerWheel::wake_at(std::uint64_t tick_number)
{
    if (closed_)
        return;
    alarm_at_ = tick_number;
    alarm_.expires_at(start_ + tick_number * tick);
    alarm_.async_wait([this](error_code error) {
        if (!error)
            turn(Clock::now());
    });
}

void TimerWheel::turn(TimePoint now)
{
    alarm_at_ = never;
    collect_due(static_cast<std::uint64_t>((now - start_) / tick));
    fire_portion();
}

void TimerWheel::collect_due(std::uint64_t now)
{
    // After a long sleep every slot is visited once, not every tick that went by.
    const std::uint64_t first = std::max(turned_to_ + 1, now >= slot_count ? now - slot_count + 1 : 0);
    for (std::uint64_t number = first; number <= now; ++number) {
        Slot& slot = slots_[number % slot_count];
        for (Timer* timer = slot.next_; timer != &slot;) {
            Timer* const next = timer->next_;
            if (timer->due_ <= now) {
                timer->unlink();
                append(due_, *timer);
            }
            timer = next;
        }
    }
    turned_to_ = std::max(turned_to_, now);
}

void TimerWheel::fire_portion()
{
    for (std::size_t fired = 0; due_.next_ != &due_; ++fired) {
        if (fired == timers_in_a_turn) {
            asio::post(alarm_.get_executor(), [this] { fire_portion(); });
            return;
        }
        Timer* const timer = due_.next_;
        timer->unlink();
        timer->expired();
    }
    wake_for_next();
}

/// The first slot ahead that holds a timer. Its timers may be due a turn of the wheel later; then this is done again.
void TimerWheel::wake_for_next()
{
    for (std::uint64_t ahead = 1; ahead <= slot_count; ++ahead) {
        const std::uint64_t number = turned_to_ + ahead;
        const Slot& slot = slots_[number % slot_count];
        if (slot.next_ == &slot)
            continue;
        if (number < alarm_at_)
            wake_at(number);
        return;
    }
}

} // namespace dialhook::net
