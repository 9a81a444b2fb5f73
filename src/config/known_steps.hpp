#pragma once

#include "yaml/value.hpp"

#include <array>
#include <string_view>

namespace dialhook::config {

/// What every integration knows as a step, and what stands beside a webhook step.
inline constexpr std::array<std::string_view, 9> known_steps{"play",   "dial", "queue",   "voicemail", "hangup",
                                                             "answer", "exec", "webhook", "callername"};

/// Warns of a step that is spelt nearly like one of them: an engine may have steps of its own, but hardly these.
void warn_of_near_steps(const Value& item);

/// Warns of quotes that are none and of invisible characters in the values of such a step: a PBX has no file and no
/// mailbox of that name.
void warn_of_odd_values(const Value& item);

/// Returns `; did you mean "…"?` of a key beside `webhook`, or an empty text.
std::string near_key_of_webhook_step(std::string_view key);

/// Returns `; did you mean it by "…"?` of a key of `item` that is probably a misspelt `webhook`, or an empty text.
std::string misspelt_webhook(const Value& item);

} // namespace dialhook::config
