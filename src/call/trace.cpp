#include "call/trace.hpp"

#include <algorithm>

namespace dialhook {
namespace {

// version "-" trace-id "-" parent-id "-" trace-flags
constexpr std::size_t id_at = 3;
constexpr std::size_t half = 16;
constexpr std::size_t parent_at = 36;
constexpr std::size_t flags_at = 53;
constexpr std::size_t whole = 55;

bool is_hex(std::string_view text)
{
    return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::uint64_t number_of(std::string_view hex)
{
    std::uint64_t number = 0;
    for (const char digit : hex)
        number = number << 4U | static_cast<std::uint64_t>(digit <= '9' ? digit - '0' : digit - 'a' + 10);
    return number;
}

/// Both digits of every byte: each call writes four numbers.
constexpr auto digits_of_bytes = [] {
    std::array<std::array<char, 2>, 256> digits{};
    for (std::size_t byte = 0; byte < digits.size(); ++byte)
        digits[byte] = {"0123456789abcdef"[byte >> 4U], "0123456789abcdef"[byte & 0xFU]};
    return digits;
}();

void write_hex(char* at, std::uint64_t number)
{
    for (unsigned shift = 64; shift != 0; shift -= 8)
        at = std::copy_n(digits_of_bytes[number >> (shift - 8) & 0xFFU].begin(), 2, at);
}

} // namespace

std::optional<Trace> Trace::from(std::string_view traceparent)
{
    // A later version may go on after the flags, after a dash.
    const std::string_view version = traceparent.substr(0, 2);
    if (traceparent.size() < whole || !is_hex(version) || version == "ff" ||
        (traceparent.size() > whole && (version == "00" || traceparent[whole] != '-')))
        return std::nullopt;
    const std::string_view high = traceparent.substr(id_at, half);
    const std::string_view low = traceparent.substr(id_at + half, half);
    const std::string_view parent = traceparent.substr(parent_at, half);
    const std::string_view flags = traceparent.substr(flags_at, 2);
    if (traceparent[id_at - 1] != '-' || traceparent[parent_at - 1] != '-' || traceparent[flags_at - 1] != '-' ||
        !is_hex(high) || !is_hex(low) || !is_hex(parent) || !is_hex(flags) || number_of(parent) == 0)
        return std::nullopt;
    const Trace trace{number_of(high), number_of(low), (number_of(flags) & 1U) != 0};
    return trace.is_known() ? std::optional(trace) : std::nullopt;
}

std::array<char, 32> trace_id(const Trace& trace)
{
    std::array<char, 32> text; // NOLINT(cppcoreguidelines-pro-type-member-init): written whole
    write_hex(text.data(), trace.high);
    write_hex(text.data() + half, trace.low);
    return text;
}

std::array<char, 55> traceparent(const Trace& trace, std::uint64_t span)
{
    std::array<char, whole> text; // NOLINT(cppcoreguidelines-pro-type-member-init): written whole
    constexpr std::string_view form = "00-................................-................-00";
    std::copy(form.begin(), form.end(), text.begin());
    write_hex(text.data() + id_at, trace.high);
    write_hex(text.data() + id_at + half, trace.low);
    write_hex(text.data() + parent_at, span);
    text.back() = trace.sampled ? '1' : '0';
    return text;
}

} // namespace dialhook
