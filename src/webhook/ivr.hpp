#pragma once

#include "call/code.hpp"

#include <boost/system/result.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace dialhook {

/// Why what a caller typed is no code.
enum class CodeFault : unsigned char
{
    not_keys, ///< something else than digits, `*`, `#` and `A` to `D`
    too_long  ///< more keys than `max_digits`
};

/// `ivr` of a webhook: the caller enters a code before the dispatch.
struct Ivr
{
    std::chrono::milliseconds timeout{10000}; ///< for one selection, from the end of the message
    std::uint16_t max_attempts = 3;           ///< selections that the caller may make, from 1
    std::string start_message;                ///< audio files of the PBX, by name
    std::string incorrect_message;
    std::string timeout_message;
    std::uint16_t max_digits = 32; ///< longest code
    char terminator = '#';         ///< key that ends a code; at the end of a code it does not belong to it

    /// Reads what a caller typed, as a code of this webhook. It may be empty.
    boost::system::result<Code, CodeFault> read_code(std::string_view typed) const;

    bool operator==(const Ivr&) const = default;
};

} // namespace dialhook
