#include "open_loop.hpp"

#include <sys/prctl.h>

#include <deque>
#include <stdexcept>
#include <string>

namespace dialhook::bench {
namespace {

constexpr unsigned long exact = 1;        // nanosecond by which the kernel may wake us late
constexpr std::size_t too_many = 100'000; // calls that wait: the system under test does not keep up

} // namespace

OpenLoop::OpenLoop(const Protocol& protocol, const std::filesystem::path& socket, Shape shape, double rate)
    : connections_{protocol, socket, shape}
    , seconds_between_{rate}
{
    ::prctl(PR_SET_TIMERSLACK, exact);
}

void OpenLoop::run(const Limit& limit, Outcome& outcome)
{
    const auto end = Clock::now() + limit.duration;
    auto arrival = Clock::now() + gap();
    auto last_answer = Clock::now();
    std::uint64_t left = limit.calls;
    std::deque<Clock::time_point> waiting;
    std::size_t under_way = 0;

    while (true) {
        const bool ended = left == 0 || arrival >= end;
        if (ended && waiting.empty() && under_way == 0)
            return;
        const auto readable = connections_.readable(ended ? Clock::now() + silence_allowed : arrival);
        if (!readable.empty() || under_way == 0)
            last_answer = Clock::now();
        for (auto* const connection : readable) {
            under_way -= connection->under_way();
            connection->receive(outcome);
            under_way += connection->under_way();
        }

        const auto now = Clock::now();
        for (; arrival <= now && arrival < end && left > 0; --left, arrival += gap())
            waiting.push_back(arrival);
        while (!waiting.empty()) {
            auto* const connection = free_connection();
            if (connection == nullptr)
                break;
            connection->start(Call{next_call_++}, waiting.front());
            connection->flush();
            waiting.pop_front();
            ++under_way;
        }
        if (waiting.size() > too_many || now - last_answer > silence_allowed)
            throw std::runtime_error{std::to_string(under_way + waiting.size()) + " calls wait: the rate is too high"};
    }
}

std::chrono::nanoseconds OpenLoop::gap()
{
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
        std::chrono::duration<double>{seconds_between_(random_)});
}

/// In turn, so that all of them are used; null: none is free.
Connection* OpenLoop::free_connection()
{
    const auto all = connections_.all();
    for (std::size_t tried = 0; tried < all.size(); ++tried) {
        auto& candidate = *all[turn_++ % all.size()];
        if (candidate.has_free_slot())
            return &candidate;
    }
    return nullptr;
}

} // namespace dialhook::bench
