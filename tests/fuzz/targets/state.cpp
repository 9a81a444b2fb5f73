#include "base/base64.hpp"
#include "flow/conversation.hpp"
#include "fuzz/require.hpp"
#include "fuzz/targets.hpp"

#include <boost/crc.hpp>

#include <string>

namespace dialhook::fuzz {
namespace {

constexpr std::string_view version_prefix = "dh1.";

/// `fields` with the checksum that a daemon would give them: what a stranger who knows the format can send.
std::string sealed(std::string_view fields)
{
    boost::crc_32_type crc;
    crc.process_bytes(version_prefix.data(), version_prefix.size());
    crc.process_bytes(fields.data(), fields.size());
    std::string bytes(fields);
    for (int shift = 24; shift >= 0; shift -= 8)
        bytes += static_cast<char>(crc.checksum() >> shift & 0xFFU);
    return std::string(version_prefix) + base64::encoded(bytes, base64::Form::url);
}

void require_round_trip(std::string_view state)
{
    const auto conversation = flow::from_state(state);
    if (!conversation) {
        require(!to_string(conversation.error()).empty(), "a fault has a sentence");
        return;
    }
    require(flow::to_state(*conversation) == state, "a state that is taken is one that is handed out");
    const std::string_view safe = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    require(state.find_first_not_of(safe) == std::string_view::npos, "a state survives every dialplan and URL");
}

} // namespace

/// A state as it comes from an engine, or its fields without the checksum, which no mutation would get right.
void state(std::string_view input)
{
    require_round_trip(input);
    require_round_trip(sealed(input));
    // In a text with a true checksum every other byte must be noticed.
    std::string changed = sealed(input);
    changed.back() = changed.back() == 'A' ? 'B' : 'A';
    require(!flow::from_state(changed), "a changed state is noticed");
}

} // namespace dialhook::fuzz
