#include "spool_fixture.hpp"

#include <sys/syscall.h>

#include <algorithm>
#include <atomic>
#include <ctime>

namespace {

std::atomic<std::time_t> clock_is_ahead_by = 0; // seconds

} // namespace

/// In place of the C library's, for this program: the system's clock can be set.
extern "C" int clock_gettime(clockid_t which, timespec* time) noexcept
{
    const auto result = static_cast<int>(::syscall(SYS_clock_gettime, which, time));
    if (which == CLOCK_REALTIME)
        time->tv_sec += clock_is_ahead_by;
    return result;
}

namespace dialhook::spool {
namespace {

using events::Kind;

class SpoolClock : public SpoolTest
{
protected:
    ~SpoolClock() override { clock_is_ahead_by = 0; }

    bool lists(std::string_view event)
    {
        const auto found = deliveries();
        return std::any_of(found.begin(), found.end(), [&](const Delivery& one) { return one.event == event; });
    }
};

TEST_F(SpoolClock, OneThatIsSetBackEndsNoCallThatGoesOn)
{
    settings.event_idle = 1h;
    settings.keep = 200ms; // and so it sweeps often
    open_and_start();
    say("call-1", Kind::created);
    spool->conclude(hands.next().id, delivered());
    settle();
    const auto before = std::chrono::system_clock::now();
    clock_is_ahead_by = -2 * 3600;
    ASSERT_LT(std::chrono::system_clock::now(), before - 1h);
    EXPECT_EQ(say("call-1", Kind::answered), Stored::stored);
    const auto answered = hands.next();
    EXPECT_EQ(shown(answered), "call-1 answered 2");
    spool->conclude(answered.id, delivered());
    settle();
    wait_until([&] { return !lists("answered"); }); // a sweep has forgotten it
    EXPECT_FALSE(lists("ended"));
    EXPECT_EQ(say("call-1", Kind::transferred), Stored::stored);
}

TEST_F(SpoolClock, WhatWaitsAndWhatIsNewWaitAsLongAsWithoutTheStep)
{
    open_and_start();
    say("call-1", Kind::created);
    clock_is_ahead_by = 12 * 3600;
    say("call-2", Kind::created);
    hands.next(2);
    restart();
    const auto now = std::chrono::system_clock::now();
    for (const auto& parcel : hands.next(2)) {
        EXPECT_GT(parcel.expires_at, now + 23h) << shown(parcel);
        EXPECT_LT(parcel.expires_at, now + 25h) << shown(parcel);
    }
}

} // namespace
} // namespace dialhook::spool
