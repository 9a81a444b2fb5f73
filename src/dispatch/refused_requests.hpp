#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace dialhook::dispatch {

class Snapshot;

/// Why a request got an error instead of a decision, and what it asked for, as far as that could be read.
struct Refused
{
    /// What `name` is the name of.
    enum class Named : unsigned char
    {
        nothing, ///< nothing could be read
        webhook,
        did,
        method,
        address ///< the path of an `agi://` address
    };

    int code = 0;    ///< of JSON-RPC
    std::string why; ///< for whom asked; names what was asked
    Named named = Named::nothing;
    std::string name; ///< that was asked for: a stranger's text, UTF-8
    std::string webhook;
    std::string did;
    std::string call_id;

    /// Cuts a name from outside to what is shown of it, and marks that.
    static std::string cut(std::string_view name);

    /// Returns the same with numbers masked, as `redact` wants it.
    Refused masked() const;
};

std::string_view to_string(Refused::Named named);

/// What the requests that one thread refused asked for, summed up by name. Its thread adds to it and any thread reads
/// it; only refused requests come here, so that a lock costs no call anything.
class RefusedRequests
{
public:
    /// Limit of the names that are counted separately, whatever engines make up. A further one takes the place of the
    /// one asked for least among those not asked for in the last `period`, else it is counted among the others of its
    /// code.
    static constexpr std::size_t max_names = 64;
    static constexpr std::chrono::seconds period{60};

    using Clock = std::chrono::system_clock;

    struct Entry
    {
        Refused last; ///< without a name: the others of this code
        std::string nearest;
        std::uint64_t count = 0;
        Clock::time_point last_at;
        std::weak_ptr<const Snapshot> snapshot; ///< where `nearest` was looked up
        bool are_others = false;
    };

    struct Place
    {
        bool is_own = false; ///< false: it is counted among the others
        std::string nearest; ///< the most similar known name; empty if none is similar
    };

    /// Counts a refusal. Looks the nearest name up once for each name and snapshot.
    Place count(const Refused& refused, const std::shared_ptr<const Snapshot>& snapshot, Clock::time_point now);

    std::vector<Entry> entries() const;

private:
    Entry* place_of(const std::string& key, Clock::time_point now);

    mutable std::mutex mutex_;
    std::unordered_map<std::string, Entry> entries_;
    std::unordered_map<int, Entry> others_; ///< by code
};

} // namespace dialhook::dispatch
