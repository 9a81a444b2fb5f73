#include <dialhook/net/slots.hpp>

#include <algorithm>

namespace dialhook::net {

Slots::Taken Slots::take_at_once(std::uint32_t limit)
{
    if (taken_ >= limit || !waiting_.empty())
        return {};
    ++taken_;
    return Taken(*this);
}

Awaitable<Slots::Taken> Slots::wait(Stop& stop)
{
    Gate gate;
    waiting_.push_back(&gate);
    {
        const OnStop on_stop(stop, [&gate] { gate.open(); });
        co_await gate.wait();
    }
    const auto still_waiting = std::find(waiting_.begin(), waiting_.end(), &gate);
    if (still_waiting == waiting_.end())
        co_return Taken(*this); // whoever gave it back left it taken
    waiting_.erase(still_waiting);
    co_return Taken();
}

void Slots::give_back()
{
    if (waiting_.empty()) {
        --taken_;
        return;
    }
    Gate* const next = waiting_.front();
    waiting_.pop_front();
    next->open();
}

} // namespace dialhook::net
