#pragma once

#include "api/http/sources.hpp"
#include "metrics/histogram.hpp"
#include "net/loop/asio.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string_view>
#include <unordered_map>

namespace dialhook::status {

/// Samples of each webhook's last minute, one a second, for the status page and `dialhookctl top`.
/// Samples only while it is asked, and forgets everything after a pause, so an unwatched daemon does no work for it.
class Activity
{
public:
    static constexpr std::size_t seconds_kept = 60;

    /// Takes the samples that are due. Call it at least once a second while the daemon is watched.
    void update(const Sources& sources, net::TimePoint now);

    /// Returns the number of the last sample.
    std::uint64_t sample() const { return sample_; }

    /// Returns how many seconds the figures of `rows` cover: `seconds_kept`, or fewer at first.
    std::size_t window() const;

    struct Calls
    {
        std::uint64_t calls = 0;
        std::uint64_t failures = 0;
        std::uint64_t declined = 0; ///< of the failures, those that are no fault: a NAK, a caller without a code
    };
    /// Returns the sum over all webhooks.
    Calls all() const;

    /// Returns how many requests were refused within `window`.
    std::uint64_t refused() const { return refused_.empty() ? 0 : refused_.back() - refused_.front(); }

    enum class Order : unsigned char
    {
        trouble, ///< those that fail, then the busiest
        name,
        calls,
        success, ///< the smallest share first
        p50,
        p99,
        in_flight
    };

    struct Wanted
    {
        std::string_view filter{};   ///< webhooks whose name holds it, in any case
        std::string_view selected{}; ///< the webhook that is always included
        Order order = Order::trouble;
        std::size_t limit = 0;
        std::size_t points = 0; ///< for how many of the last seconds
    };

    /// Returns the first webhooks in this order; docs/control-socket.md has the keys.
    nlohmann::ordered_json rows(const Sources& sources, const Wanted& wanted) const;

private:
    /// Limit of the webhooks that are sampled. Failing ones come first.
    static constexpr std::size_t max_tracks = 2000;

    struct Counts
    {
        std::uint64_t successes = 0;
        std::uint64_t failures = 0;
        std::uint64_t declined = 0;
        dispatch::Distribution seconds;
    };

    struct Track
    {
        std::deque<Counts> samples; ///< the newest one last
    };

    void take_sample(const Sources& sources);
    void follow(const dispatch::ResolvedWebhook& resolved,
                std::unordered_map<const dispatch::WebhookState*, Track>& before);
    const Track* track_of(const dispatch::ResolvedWebhook& resolved) const;
    Calls calls_of(const dispatch::ResolvedWebhook& resolved) const;
    bool is_failing(const dispatch::ResolvedWebhook& resolved) const;
    double rank_of(const dispatch::ResolvedWebhook& resolved, Order order) const;
    nlohmann::ordered_json row(const dispatch::ResolvedWebhook& resolved, std::size_t points) const;
    nlohmann::ordered_json points_of(const Track& track, std::size_t count) const;

    /// By the webhook's state, which is looked up and never used through this pointer.
    std::unordered_map<const dispatch::WebhookState*, Track> tracks_;
    std::deque<std::uint64_t> refused_; ///< requests, up to each sample; the newest one last
    std::uint64_t sample_ = 0;
    std::uint64_t first_sample_ = 0; ///< since the last pause
    net::TimePoint next_at_{};
};

} // namespace dialhook::status
