#pragma once

#include <dialhook/dispatch/histogram.hpp>
#include <dialhook/net/asio.hpp>
#include <dialhook/status/sources.hpp>

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string_view>
#include <unordered_map>

namespace dialhook::status {

/// What the webhooks did in the last minute, second by second: for the status page and `dialhookctl top`.
///
/// It samples only when somebody asks, and forgets all after a pause: a daemon that nobody watches does nothing for it.
class Activity
{
public:
    static constexpr std::size_t seconds_kept = 60;

    /// Takes the samples that are due, one a second. To be called at least so often while somebody watches.
    void update(const Sources& sources, net::TimePoint now);

    /// The number of the last sample.
    std::uint64_t sample() const { return sample_; }

    /// How many seconds the figures of `rows` are about: `seconds_kept`, or fewer at first.
    std::size_t window() const;

    struct Calls
    {
        std::uint64_t calls = 0;
        std::uint64_t failures = 0;
    };
    /// Of all webhooks together.
    Calls all() const;

    /// The first `limit` webhooks whose name holds `filter` (in any case), those in trouble and the busiest first, each
    /// with its last `points` seconds; docs/architecture.md ("Control socket") has the keys.
    nlohmann::ordered_json rows(const Sources& sources, std::string_view filter, std::size_t limit,
                                std::size_t points) const;

private:
    /// So many webhooks can be followed at once, the first that fire.
    static constexpr std::size_t most_tracks = 2000;

    struct Counts
    {
        std::uint64_t successes = 0;
        std::uint64_t failures = 0;
        dispatch::Distribution seconds;
    };

    struct Track
    {
        std::deque<Counts> samples; ///< the newest one last
    };

    void take_sample(const Sources& sources);
    const Track* track_of(const dispatch::Hook& hook) const;
    nlohmann::ordered_json row(const dispatch::Hook& hook, std::size_t points) const;
    nlohmann::ordered_json points_of(const Track& track, std::size_t count) const;

    /// By the webhook's state, which is looked up and never used through this pointer.
    std::unordered_map<const dispatch::WebhookState*, Track> tracks_;
    std::uint64_t sample_ = 0;
    std::uint64_t first_sample_ = 0; ///< since the last pause
    net::TimePoint next_at_{};
};

} // namespace dialhook::status
