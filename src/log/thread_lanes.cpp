#include "thread_lanes.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace dialhook::log {
namespace {

struct LastUsed
{
    std::uint64_t owner = 0;
    Lane* lane = nullptr;
};

// Without destructors, so that they can be used as long as the thread runs code at all.
constinit thread_local LastUsed last_used;
constinit thread_local bool ending = false;

/// All lanes of one thread: one, but for programs with several logs.
struct ThreadLanes
{
    std::vector<std::shared_ptr<Lane>> lanes;

    ThreadLanes() = default;
    ThreadLanes(const ThreadLanes&) = delete;
    ThreadLanes& operator=(const ThreadLanes&) = delete;

    ~ThreadLanes()
    {
        ending = true;
        last_used = {};
        for (const auto& lane : lanes)
            lane->end();
    }
};

thread_local ThreadLanes kept;

} // namespace

Lane* this_threads_lane(std::uint64_t owner) noexcept
{
    if (last_used.owner == owner)
        return last_used.lane;
    if (ending)
        return nullptr;

    const auto found = std::find_if(kept.lanes.begin(), kept.lanes.end(),
                                    [owner](const auto& lane) { return lane->owner() == owner; });
    if (found == kept.lanes.end())
        return nullptr;
    last_used = {owner, found->get()};
    return last_used.lane;
}

bool keep_for_this_thread(std::shared_ptr<Lane> lane)
{
    if (ending)
        return false;
    // A lane that nobody else holds belonged to a log that is gone.
    std::erase_if(kept.lanes, [](const auto& each) { return each.use_count() == 1; });
    last_used = {lane->owner(), lane.get()};
    kept.lanes.push_back(std::move(lane));
    return true;
}

} // namespace dialhook::log
