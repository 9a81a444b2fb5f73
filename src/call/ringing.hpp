#pragma once

#include "call/destination.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace dialhook {

/// How several destinations are rung.
enum class RingStrategy : unsigned char
{
    parallel,  ///< all at once; the first that answers has the call
    sequential ///< one after the other
};

constexpr std::string_view to_string(RingStrategy strategy)
{
    return strategy == RingStrategy::parallel ? "parallel" : "sequential";
}

/// How long a destination, or all together, may ring before the next step.
struct RingTime
{
    static constexpr std::chrono::seconds min{1};
    static constexpr std::chrono::seconds max{300};
};

/// What a reply says of ringing beyond one destination for as long as the PBX lets it ring.
struct Ringing
{
    static constexpr std::size_t max_destinations = 10;

    std::vector<Destination> destinations; ///< none where a ring time stands alone
    RingStrategy strategy = RingStrategy::parallel;
    std::optional<std::chrono::seconds> ring;

    bool operator==(const Ringing&) const = default;
};

} // namespace dialhook
