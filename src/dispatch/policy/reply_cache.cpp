#include "dispatch/policy/reply_cache.hpp"

#include <iterator>

namespace dialhook::dispatch {
namespace {

/// What an entry costs beside its texts.
constexpr std::size_t overhead = 256;

std::size_t bytes_of(std::string_view request, const Decision& decision)
{
    std::size_t bytes = overhead + request.size() + decision.callername.size();
    for (const auto& [name, value] : decision.variables)
        bytes += name.size() + value.size() + sizeof(Variables::value_type);
    return bytes;
}

} // namespace

void ReplyCache::keep(std::string_view request, const Decision& decision, Clock::time_point now)
{
    const std::size_t bytes = bytes_of(request, decision);
    const std::lock_guard lock(mutex_);
    if (const auto known = by_request_.find(request); known != by_request_.end())
        drop(known->second);
    if (bytes > max_bytes)
        return;
    entries_.push_front({std::string(request), decision, now, bytes});
    bytes_ += bytes; // before anything that may run out of memory: what is dropped is counted
    try {
        by_request_.emplace(entries_.front().request, entries_.begin());
    } catch (...) {
        drop(entries_.begin());
        throw;
    }
    while (entries_.size() > max_entries || bytes_ > max_bytes)
        drop(std::prev(entries_.end()));
}

std::optional<Decision> ReplyCache::find(std::string_view request, std::chrono::milliseconds age, Clock::time_point now)
{
    const std::lock_guard lock(mutex_);
    const auto known = by_request_.find(request);
    if (known == by_request_.end() || now - known->second->kept_at > age)
        return std::nullopt;
    entries_.splice(entries_.begin(), entries_, known->second);
    return known->second->decision;
}

std::size_t ReplyCache::size() const
{
    const std::lock_guard lock(mutex_);
    return entries_.size();
}

void ReplyCache::drop(Entries::iterator entry)
{
    bytes_ -= entry->bytes;
    by_request_.erase(entry->request);
    entries_.erase(entry);
}

} // namespace dialhook::dispatch
