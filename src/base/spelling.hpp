#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace dialhook {

/// Returns how many letters must be added, dropped, changed or swapped with their neighbour to make one word of the
/// other; upper and lower case are the same.
std::size_t edit_distance(std::string_view left, std::string_view right);

/// Returns the word of `known` that is closest to `word`, or an empty one if none is close.
std::string_view nearest(std::string_view word, std::span<const std::string_view> known);

/// Returns `; did you mean "…"?`, or an empty text when nothing is near.
std::string did_you_mean(std::string_view word, std::span<const std::string_view> known);

/// Returns `a, b and c`, with `last` before the last one.
std::string joined(std::span<const std::string_view> words, std::string_view last);

} // namespace dialhook
