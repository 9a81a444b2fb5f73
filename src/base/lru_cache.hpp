#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <unordered_map>
#include <utility>

namespace dialhook::net {

/// A table that strangers can make grow, as a web server does with its redirects.
///
/// It holds at least the last `many` entries that were asked for. When it has become twice as long as what it kept last
/// time, and longer than `many`, it drops those that nobody asked for since then and nobody holds: that costs each new
/// entry a constant time.
template <class Key, class Value, class Hash = std::hash<Key>>
class LruCache
{
public:
    explicit LruCache(std::size_t many)
        : many_(many)
        , limit_(many)
    {
    }

    /// The value of `key`; one that is new comes from `make`.
    template <class Make>
    const std::shared_ptr<Value>& of(const Key& key, Make make)
    {
        auto found = entries_.find(key);
        if (found == entries_.end()) {
            if (entries_.size() >= limit_)
                sweep();
            found = entries_.emplace(key, Entry{make()}).first;
        }
        found->second.is_used = true;
        return found->second.value;
    }

    /// Null: there is none.
    std::shared_ptr<Value> find(const Key& key) const
    {
        const auto found = entries_.find(key);
        return found == entries_.end() ? nullptr : found->second.value;
    }

    template <class Visit>
    void for_each(Visit visit) const
    {
        for (const auto& [key, entry] : entries_)
            visit(*entry.value);
    }

    /// Drops all that nobody holds.
    void drop_unheld()
    {
        std::erase_if(entries_, [](const auto& entry) { return entry.second.value.use_count() == 1; });
    }

    std::size_t size() const { return entries_.size(); }

private:
    struct Entry
    {
        std::shared_ptr<Value> value;
        bool is_used = true; ///< since the last sweep
    };

    void sweep()
    {
        for (auto entry = entries_.begin(); entry != entries_.end();) {
            const bool was_used = std::exchange(entry->second.is_used, false);
            entry = was_used || entry->second.value.use_count() > 1 ? std::next(entry) : entries_.erase(entry);
        }
        limit_ = std::max(many_, 2 * entries_.size());
    }

    std::size_t many_;
    std::size_t limit_;
    std::unordered_map<Key, Entry, Hash> entries_;
};

} // namespace dialhook::net
