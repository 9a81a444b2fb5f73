#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

/// JSON Schema texts for what the tables of keys know of a value. An editor sees what a plain scalar of YAML is by its
/// core schema, so a text may come as a number.
namespace dialhook::config {

/// Returns the schema of a time of at least `min`: `250ms`, or a bare number of seconds.
std::string time_schema(std::chrono::milliseconds min);

std::string number_schema(std::int64_t min, std::int64_t max);

/// Returns the schema of one of `words`; a word that reads as a number, such as 1.2, may also come as one.
std::string choice_schema(std::span<const std::string_view> words);

} // namespace dialhook::config
