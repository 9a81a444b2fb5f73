#include "net/loop/timer_wheel.hpp"

#include <boost/asio/post.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace dialhook::net {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

using Action = FunctionTimer<std::function<void()>>;

/// As long as one turn of the wheel takes.
constexpr milliseconds turn = 1024 * TimerWheel::tick;

class Wheel : public testing::Test
{
protected:
    std::function<void()> writing(const std::string& word)
    {
        return [this, word] { log += word + " "; };
    }

    Action writes(const std::string& word) { return Action(writing(word)); }

    /// Runs until no timer is armed any more.
    void run() { context.run(); }

    asio::io_context context;
    TimerWheel wheel{context};
    TimePoint now = Clock::now();
    std::string log;
};

TEST_F(Wheel, FiresInOrderAndNeverEarly)
{
    struct DispatchResult
    {
        TimePoint at;
        TimePoint fired_at{};
    };
    std::deque<DispatchResult> fired;
    std::deque<Action> timers;
    std::vector<std::size_t> order;
    for (const int delay : {31, 3, 18, 0, 25, 7, 12, 40, -1}) {
        const std::size_t index = fired.size();
        fired.push_back({now + milliseconds(delay) + std::chrono::microseconds(17 * delay)});
        timers.emplace_back([&, index] {
            fired[index].fired_at = Clock::now();
            order.push_back(index);
        });
    }
    for (std::size_t index = 0; index < timers.size(); ++index)
        wheel.arm(timers[index], fired[index].at);
    run();
    ASSERT_EQ(order.size(), fired.size());
    for (const DispatchResult& one : fired)
        EXPECT_GE(one.fired_at, one.at);
    for (std::size_t index = 1; index < order.size(); ++index)
        EXPECT_LE(fired[order[index - 1]].at, fired[order[index]].at + TimerWheel::tick);
    for (const Action& timer : timers)
        EXPECT_FALSE(timer.is_armed());
}

/// The clock is ours here: no machine is too slow for it.
TEST_F(Wheel, FiresNoTickTooEarlyAndNoneTooLate)
{
    constexpr std::chrono::microseconds step{500};
    constexpr auto nearly_two_turns = 2 * turn - TimerWheel::tick;
    for (auto delay = std::chrono::microseconds{0}; delay < nearly_two_turns; delay = delay * 2 + 313 * step / 100) {
        std::optional<TimePoint> fired_at;
        TimePoint clock = now + nearly_two_turns; // the wheel has turned so far that no slot is its first one
        wheel.turn(clock);
        const TimePoint at = clock + delay;
        Action timer([&] { fired_at = clock; });
        wheel.arm(timer, at);
        while (!fired_at && clock < at + hours(1)) {
            clock += step;
            wheel.turn(clock);
        }
        ASSERT_TRUE(fired_at.has_value());
        EXPECT_GE(*fired_at, at);
        EXPECT_LE(*fired_at, at + 2 * TimerWheel::tick) << delay.count() << " µs";
        now = clock;
    }
}

/// However late the machine lets the loop run, Asio calls its own timers in the order of their times.
TEST_F(Wheel, FiresBeforeWhatIsDueMoreThanATickLater)
{
    for (const int delay : {0, 1, 3, 4, 5, 6, 12, 13, 20, 28, 31, 47}) {
        const TimePoint at = Clock::now() + milliseconds(delay) + std::chrono::microseconds(171 * delay);
        Action timer([&] { log += "timer "; });
        SteadyTimer reference(context, at + TimerWheel::tick + std::chrono::microseconds(1));
        wheel.arm(timer, at);
        reference.async_wait([&](auto) { log += "reference "; });
        context.restart();
        run();
        EXPECT_EQ(std::exchange(log, ""), "timer reference ") << delay;
    }
}

TEST_F(Wheel, ATimeThatIsOverFiresSoon)
{
    Action past = writes("past");
    Action before_the_wheel = writes("long past");
    wheel.arm(past, now - milliseconds(1));
    wheel.arm(before_the_wheel, TimePoint{});
    EXPECT_EQ(log, "") << "never within arm()";
    run();
    EXPECT_EQ(log, "past long past ");
}

TEST_F(Wheel, RearmingMovesATimer)
{
    Action later = writes("later");
    Action sooner = writes("sooner");
    Action last = writes("last");
    wheel.arm(later, now + milliseconds(5));
    wheel.arm(sooner, now + hours(1));
    wheel.arm(last, now + milliseconds(30));
    wheel.arm(later, now + milliseconds(20));
    wheel.arm(sooner, now + milliseconds(10));
    wheel.arm(sooner, now + milliseconds(10));
    run();
    EXPECT_EQ(log, "sooner later last ");
}

TEST_F(Wheel, DisarmedAndDestroyedOnesDoNotFire)
{
    Action disarmed = writes("disarmed");
    Action fires = writes("fires");
    {
        Action destroyed = writes("destroyed");
        wheel.arm(destroyed, now + milliseconds(5));
    }
    wheel.arm(disarmed, now + milliseconds(5));
    wheel.arm(fires, now + milliseconds(10));
    EXPECT_TRUE(disarmed.is_armed());
    wheel.disarm(disarmed);
    wheel.disarm(disarmed);
    EXPECT_FALSE(disarmed.is_armed());
    run();
    EXPECT_EQ(log, "fires ");
}

TEST_F(Wheel, ATimerMayRearmItselfWhenItFires)
{
    int count = 0;
    Action* self = nullptr;
    Action repeating([&] {
        if (++count < 5)
            wheel.arm(*self, Clock::now() + milliseconds(count % 2 == 0 ? 0 : 3));
    });
    self = &repeating;
    wheel.arm(repeating, now);
    run();
    EXPECT_EQ(count, 5);
}

/// All of them are due in the same tick: the first one meddles with the others.
TEST_F(Wheel, AnExpiringTimerMayMeddleWithOthersThatAreDue)
{
    Action disarmed = writes("disarmed");
    Action moved = writes("moved");
    auto destroyed = std::make_unique<Action>(writing("destroyed"));
    std::unique_ptr<Action> itself;
    Action untouched = writes("untouched");
    itself = std::make_unique<Action>([&] {
        log += "first ";
        wheel.disarm(disarmed);
        wheel.arm(moved, now + milliseconds(25));
        destroyed.reset();
        itself.reset();
    });
    for (Action* timer : {itself.get(), &disarmed, &moved, destroyed.get(), &untouched})
        wheel.arm(*timer, now);
    run();
    EXPECT_EQ(log, "first untouched moved ");
    EXPECT_EQ(itself, nullptr);
}

TEST_F(Wheel, NewTimersOfAnExpiringOneWaitTheirTurn)
{
    Action second = writes("second");
    Action first([&] {
        log += "first ";
        wheel.arm(second, now - milliseconds(100));
        log += "armed ";
    });
    wheel.arm(first, now);
    run();
    EXPECT_EQ(log, "first armed second ");
}

TEST_F(Wheel, ThousandsAtOnceLetOtherWorkRunBetween)
{
    constexpr std::size_t count = 5000;
    std::size_t fired = 0;
    std::size_t in_a_row = 0;
    std::size_t longest_row = 0;
    std::deque<Action> timers;
    for (std::size_t index = 0; index < count; ++index) {
        timers.emplace_back([&] {
            ++fired;
            longest_row = std::max(longest_row, ++in_a_row);
        });
        wheel.arm(timers.back(), now + milliseconds(index % 7));
    }
    std::function<void()> other_work = [&] {
        in_a_row = 0;
        if (fired < count)
            asio::post(context, other_work);
    };
    asio::post(context, other_work);
    run();
    EXPECT_EQ(fired, count);
    EXPECT_LE(longest_row, 256U);
}

/// Those that are due but had to wait for the next portion can still be taken back.
TEST_F(Wheel, PortionsThatWaitCanBeMeddledWith)
{
    constexpr std::size_t count = 1000;
    std::size_t fired = 0;
    std::vector<std::unique_ptr<Action>> timers;
    for (std::size_t index = 0; index < count; ++index) {
        timers.push_back(std::make_unique<Action>([&] { ++fired; }));
        wheel.arm(*timers.back(), now - milliseconds(1));
    }
    Action* const last = timers.back().get();
    std::size_t fired_when_moved = 0;
    const std::function<void()> meddle = [&] {
        if (fired == 0) {
            asio::post(context, meddle);
            return;
        }
        fired_when_moved = fired;
        EXPECT_TRUE(last->is_armed());
        for (std::size_t index = fired; index + 1 < count; ++index)
            timers[index].reset();
        wheel.arm(*last, Clock::now() + milliseconds(10));
    };
    asio::post(context, meddle);
    run();
    EXPECT_LT(fired_when_moved, count);
    EXPECT_EQ(fired, fired_when_moved + 1);
}

/// In the same slot, one turn of the wheel apart.
TEST_F(Wheel, TimersMoreThanATurnAheadDoNotFireWithTheSlot)
{
    Action near = writes("near");
    Action far = writes("far");
    Action very_far = writes("very far");
    Action end([&] {
        log += "end ";
        wheel.close();
    });
    wheel.arm(far, now + milliseconds(20) + turn);
    wheel.arm(near, now + milliseconds(20));
    wheel.arm(very_far, now + milliseconds(20) + 1000 * turn);
    wheel.arm(end, now + milliseconds(40));
    run();
    EXPECT_EQ(log, "near end ");
    EXPECT_TRUE(far.is_armed());
    EXPECT_TRUE(very_far.is_armed());
    EXPECT_FALSE(near.is_armed());
}

/// The alarm was set to the far one first.
TEST_F(Wheel, ANearTimerWakesAWheelThatSleepsForAFarOne)
{
    Action far = writes("far");
    Action near([&] {
        log += "near ";
        wheel.close();
    });
    wheel.arm(far, now + hours(1));
    context.poll();
    wheel.arm(near, Clock::now() + milliseconds(5));
    run();
    EXPECT_EQ(log, "near ");
}

TEST_F(Wheel, CloseEndsTheLoop)
{
    Action timer = writes("fired");
    wheel.arm(timer, now + hours(1));
    asio::post(context, [&] { wheel.close(); });
    run();
    EXPECT_EQ(log, "");
    wheel.arm(timer, now);
    context.restart();
    run();
    EXPECT_EQ(log, "") << "a wheel that was closed wakes nobody";
}

TEST_F(Wheel, AnIdleWheelIsNoWork)
{
    EXPECT_EQ(context.run(), 0U);
    Action timer = writes("fired");
    wheel.arm(timer, now);
    wheel.disarm(timer);
    context.restart();
    run();
    EXPECT_EQ(log, "");
}

TEST(TimerWheel, MayGoBeforeItsTimers)
{
    asio::io_context context;
    auto wheel = std::make_unique<TimerWheel>(context);
    Action one([] { FAIL(); });
    Action other([] { FAIL(); });
    wheel->arm(one, Clock::now() + hours(1));
    wheel->arm(other, Clock::now() + hours(1));
    wheel.reset();
    context.run();
}

TEST_F(Wheel, DeadlineRequestsTheStop)
{
    Cancellation cancellation;
    const OnCancel on_cancel(cancellation, [&] { log += "stopped "; });
    const TimePoint at = Clock::now() + milliseconds(10);
    const Deadline deadline(wheel, cancellation, at);
    EXPECT_FALSE(cancellation.requested());
    run();
    EXPECT_GE(Clock::now(), at);
    EXPECT_EQ(cancellation.reason(), CancelReason::deadline);
    EXPECT_EQ(log, "stopped ");
}

TEST_F(Wheel, DeadlineOfWorkThatEndedInTimeDoesNothing)
{
    Cancellation cancellation;
    {
        const Deadline deadline(wheel, cancellation, Clock::now() + milliseconds(5));
    }
    run();
    EXPECT_FALSE(cancellation.requested());
}

TEST_F(Wheel, DeadlineDoesNotHideAnEarlierCause)
{
    Cancellation cancellation;
    const Deadline deadline(wheel, cancellation, Clock::now() + milliseconds(5));
    cancellation.request(CancelReason::shutdown);
    run();
    EXPECT_EQ(cancellation.reason(), CancelReason::shutdown);
}

/// What the stop resumes usually ends the scope that holds the deadline.
TEST_F(Wheel, DeadlineMayBeDestroyedByItsStop)
{
    Cancellation cancellation;
    std::optional<Deadline> deadline;
    deadline.emplace(wheel, cancellation, Clock::now());
    const OnCancel on_cancel(cancellation, [&] {
        deadline.reset();
        log += "ended ";
    });
    run();
    EXPECT_EQ(log, "ended ");
    EXPECT_EQ(cancellation.reason(), CancelReason::deadline);
}

} // namespace
} // namespace dialhook::net
