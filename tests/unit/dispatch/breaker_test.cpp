#include "dispatch/policy/breaker.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace dialhook::dispatch {
namespace {

using namespace std::chrono_literals;
using Admission = Breaker::Admission;
using State = Breaker::State;

const Breaker::Clock::time_point start{1000s};

TEST(Breaker, OpensAfterFailuresInARow)
{
    Breaker breaker({.failures = 3, .open_for = 10s});
    for (int failure = 0; failure < 2; ++failure)
        breaker.report(breaker.admit(start), BreakerMark::failure, start);
    breaker.report(breaker.admit(start), BreakerMark::answer, start);
    for (int failure = 0; failure < 2; ++failure)
        breaker.report(breaker.admit(start), BreakerMark::failure, start);
    EXPECT_EQ(breaker.state(start), State::closed) << "an answer between them ended the row";
    breaker.report(breaker.admit(start), BreakerMark::failure, start);
    EXPECT_EQ(breaker.state(start), State::open);
    EXPECT_EQ(breaker.admit(start + 9999ms), Admission::refused);
    EXPECT_EQ(breaker.state(start + 10s), State::half_open);
}

TEST(Breaker, NamesItsStates)
{
    EXPECT_EQ(Breaker::to_string(State::closed), "closed");
    EXPECT_EQ(Breaker::to_string(State::open), "open");
    EXPECT_EQ(Breaker::to_string(State::half_open), "half_open");
}

TEST(Breaker, LetsOneFiringTry)
{
    Breaker breaker({.failures = 1, .open_for = 10s});
    breaker.report(breaker.admit(start), BreakerMark::failure, start);
    const auto later = start + 10s;
    EXPECT_EQ(breaker.admit(later), Admission::probe);
    EXPECT_EQ(breaker.admit(later), Admission::refused) << "one, not all";
    breaker.report(Admission::probe, BreakerMark::failure, later);
    EXPECT_EQ(breaker.admit(later + 9s), Admission::refused) << "and it opens for the whole time again";
    EXPECT_EQ(breaker.admit(later + 10s), Admission::probe);
    breaker.report(Admission::probe, BreakerMark::neutral, later + 10s);
    EXPECT_EQ(breaker.admit(later + 10s), Admission::probe) << "that one said nothing; the next one tries";
    breaker.report(Admission::probe, BreakerMark::answer, later + 10s);
    EXPECT_EQ(breaker.state(later + 10s), State::closed);
}

TEST(Breaker, WhatWasUnderWayWhenItOpenedChangesNothing)
{
    Breaker breaker({.failures = 1, .open_for = 10s});
    const Admission slow = breaker.admit(start);
    const Admission slower = breaker.admit(start);
    breaker.report(breaker.admit(start), BreakerMark::failure, start);
    breaker.report(slow, BreakerMark::answer, start + 1s);
    EXPECT_EQ(breaker.state(start + 1s), State::open);
    breaker.report(slower, BreakerMark::failure, start + 9s);
    EXPECT_EQ(breaker.state(start + 10s), State::half_open) << "nor does it stay open longer";
}

/// Random dispatches with a clock of our own, against the rules written down once more as plain variables.
TEST(Breaker, IsAsTheModelSaysForRandomEvents)
{
    std::mt19937 random(20261124);
    for (int round = 0; round < 300; ++round) {
        const BreakerOptions options{.failures = static_cast<std::uint32_t>(1 + random() % 4), .open_for = 100ms};
        Breaker breaker(options);
        auto now = start;
        unsigned row = 0;
        bool open = false;
        bool probing = false;
        auto until = start;
        std::vector<Admission> under_way;
        for (int event = 0; event < 200; ++event) {
            now += std::chrono::milliseconds(random() % 40);
            if (under_way.empty() || random() % 2 == 0) {
                const Admission admission = breaker.admit(now);
                const Admission expected = !open                    ? Admission::pass
                                           : now < until || probing ? Admission::refused
                                                                    : Admission::probe;
                ASSERT_EQ(admission, expected);
                probing = probing || admission == Admission::probe;
                if (admission != Admission::refused)
                    under_way.push_back(admission);
                continue;
            }
            const auto chosen = under_way.begin() + static_cast<std::ptrdiff_t>(random() % under_way.size());
            const Admission admission = *chosen;
            under_way.erase(chosen);
            const auto mark = static_cast<BreakerMark>(random() % 3);
            breaker.report(admission, mark, now);
            const bool counts = admission == Admission::probe || !open;
            probing = probing && admission != Admission::probe;
            if (counts && mark == BreakerMark::answer) {
                open = false;
                row = 0;
            } else if (counts && mark == BreakerMark::failure) {
                ++row;
                if (open || row >= options.failures) {
                    open = true;
                    until = now + options.open_for;
                }
            }
        }
    }
}

} // namespace
} // namespace dialhook::dispatch
