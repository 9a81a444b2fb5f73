#pragma once

#include "events/event.hpp"

#include <array>
#include <optional>
#include <string_view>

/// The words that stand for what happens to a call: on the engines' socket, in bodies and in the configuration.
namespace dialhook::events {

std::string_view to_string(Kind kind);
std::string_view to_string(Direction direction);
std::string_view to_string(Transfer transfer);
std::string_view to_string(EndReason reason);

/// All words of a kind, in the order of the enumeration.
inline constexpr std::array<std::string_view, kind_count> kind_names{"created", "ringing", "answered", "transferred",
                                                                     "ended"};
inline constexpr std::array<std::string_view, 3> direction_names{"inbound", "outbound", "internal"};
inline constexpr std::array<std::string_view, 2> transfer_names{"attended", "blind"};
inline constexpr std::array<std::string_view, 7> end_reason_names{"completed", "busy",   "no-answer", "cancelled",
                                                                  "declined",  "failed", "unknown"};

/// Each returns nullopt if `word` is none of them.
std::optional<Kind> kind_of(std::string_view word);
std::optional<Direction> direction_of(std::string_view word);
std::optional<Transfer> transfer_of(std::string_view word);
std::optional<EndReason> end_reason_of(std::string_view word);

/// Returns the `status` of the format voys-v2. A transfer is cold if the engine did not say how it was made.
std::string_view voys_status(const CallEvent& event);

} // namespace dialhook::events
