#include "log/rate_limit.hpp"

#include <utility>

namespace dialhook::log {

std::optional<std::uint64_t> RateLimit::next(std::string_view message, std::string_view kind, Clock::time_point now)
{
    std::string key(message);
    key.append(1, '\0').append(kind);

    const std::scoped_lock lock(mutex_);
    auto known = kinds_.find(key);
    if (known == kinds_.end()) {
        if (kinds_.size() == max_kinds)
            std::erase_if(kinds_, [now](const auto& entry) { return now - entry.second.written_at >= period; });
        if (kinds_.size() == max_kinds)
            return std::nullopt;
        kinds_.emplace(std::move(key), Kind{now, 0});
        return 1;
    }
    Kind& same = known->second;
    ++same.since;
    if (now - same.written_at < period)
        return std::nullopt;
    same.written_at = now;
    return std::exchange(same.since, 0);
}

} // namespace dialhook::log
