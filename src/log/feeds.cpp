#include "log/feeds.hpp"

#include <algorithm>
#include <utility>

namespace dialhook::log {
namespace {

struct Oldest
{
    Feed* feed = nullptr;
    Time time;
};

Oldest oldest_of(const std::vector<std::shared_ptr<Feed>>& feeds)
{
    Oldest oldest;
    for (const auto& feed : feeds)
        if (const auto time = feed->next(); time && (oldest.feed == nullptr || *time < oldest.time))
            oldest = {feed.get(), *time};
    return oldest;
}

} // namespace

void Feeds::add(std::shared_ptr<Feed> feed)
{
    const std::lock_guard lock(mutex_);
    feeds_.push_back(std::move(feed));
}

std::vector<std::shared_ptr<Feed>> Feeds::all() const
{
    const std::lock_guard lock(mutex_);
    return feeds_;
}

void Feeds::fetch(std::optional<Time> until, const std::function<void(const Record&)>& put)
{
    const auto feeds = all();
    for (const auto& feed : feeds)
        feed->begin();
    for (auto oldest = oldest_of(feeds); oldest.feed != nullptr; oldest = oldest_of(feeds)) {
        if (until && oldest.time > *until)
            break;
        oldest.feed->take(put);
    }
}

bool Feeds::are_empty() const
{
    const std::lock_guard lock(mutex_);
    return std::all_of(feeds_.begin(), feeds_.end(), [](const auto& feed) { return feed->is_empty(); });
}

std::uint64_t Feeds::dropped() const
{
    const std::lock_guard lock(mutex_);
    std::uint64_t count = 0;
    for (const auto& feed : feeds_)
        count += feed->dropped();
    return count;
}

} // namespace dialhook::log
