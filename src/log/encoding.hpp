#pragma once

#include <dialhook/log/field.hpp>

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

/// Records as bytes in a lane, for this process alone: keys, which are literals, go as pointers.
namespace dialhook::log {

constexpr std::size_t longest_text = 2048;
constexpr std::size_t most_fields = 32;

/// No record needs more.
constexpr std::size_t longest_record = 16 + longest_text + most_fields * (16 + longest_text);

/// How many bytes `encode` will write.
std::size_t encoded_size(std::string_view message, std::span<const Field> fields);

void encode(unsigned char* place, const Record& record);

/// The record's time alone, to find the oldest of several.
Time encoded_time(std::span<const unsigned char> bytes);

/// Views into `bytes`; the fields go to `fields`, which is kept for its memory.
Record decode(std::span<const unsigned char> bytes, std::vector<Field>& fields);

} // namespace dialhook::log
