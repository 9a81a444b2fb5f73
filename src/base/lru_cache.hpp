#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <unordered_map>
#include <utility>

namespace dialhook::net {

/// Approximate LRU cache for keys that a peer can make up, as a web server does with its redirects.
///
/// Keeps at least the `many` entries used last. When it has doubled since the last sweep, and holds more than `many`,
/// it evicts those that were not used since and have no other owner: amortised constant time for each new entry.
template <class Key, class Value, class Hash = std::hash<Key>>
class LruCache
{
public:
    explicit LruCache(std::size_t many)
        : many_(many)
        , limit_(many)
    {
    }

    /// Returns the value of `key`, made by `make` if it is new.
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

    /// Returns null if there is none.
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

    /// Evicts all entries without another owner.
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
