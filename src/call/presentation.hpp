#pragma once

#include <string_view>

namespace dialhook {

/// Whether the calling number may be shown to the called party (the presentation indicator of ITU-T Q.951, RFC 3323).
enum class Presentation : unsigned char
{
    allowed,
    prohibited
};

constexpr std::string_view to_string(Presentation presentation)
{
    return presentation == Presentation::allowed ? "allowed" : "prohibited";
}

/// The number that the recipient of the call sees: `callerid` of a webhook.
enum class ForwardedNumber : unsigned char
{
    caller,    ///< the calling number, with the presentation that the call came with
    called,    ///< the DID, shown
    suppressed ///< the calling number, not to be shown
};

/// Caller ID of the outgoing leg: what a decision tells the engine to set.
struct ForwardedCallerId
{
    std::string_view number;
    Presentation presentation;
};

} // namespace dialhook
