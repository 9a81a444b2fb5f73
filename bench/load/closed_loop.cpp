#include "closed_loop.hpp"

#include <stdexcept>
#include <string>

namespace dialhook::bench {

ClosedLoop::ClosedLoop(const Protocol& protocol, const std::filesystem::path& socket, Shape shape)
    : connections_{protocol, socket, shape}
{
}

void ClosedLoop::run(const Limit& limit, Outcome& outcome)
{
    const auto end = Clock::now() + limit.duration;
    std::uint64_t left = limit.calls;
    std::size_t under_way = 0;
    const auto fill = [&](Connection& connection, Clock::time_point now) {
        for (; now < end && left > 0 && connection.has_free_slot(); --left)
            connection.start(Call{next_call_++}, now);
        connection.flush();
    };
    for (const auto& connection : connections_.all()) {
        fill(*connection, Clock::now());
        under_way += connection->under_way();
    }

    while (under_way > 0) {
        const auto readable = connections_.readable(Clock::now() + silence_allowed);
        if (readable.empty())
            throw std::runtime_error{std::to_string(under_way) + " calls without an answer for too long"};
        for (auto* const connection : readable) {
            under_way -= connection->under_way();
            connection->receive(outcome);
            fill(*connection, Clock::now());
            under_way += connection->under_way();
        }
    }
}

} // namespace dialhook::bench
