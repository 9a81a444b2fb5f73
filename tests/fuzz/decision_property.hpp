#pragma once

#include "call/call.hpp"
#include "call/decision.hpp"
#include "net/http/response.hpp"
#include "net/loop/failure.hpp"
#include "webhook/reply_options.hpp"

namespace dialhook::fuzz {

/// An ordinary call, to dispatch webhooks for.
const Call& some_call();

/// What a response, or the lack of one, comes to must be sound: see `require_sound_decision`.
void require_sound_outcome(const net::Response& response, const ReplyOptions& options = ReplyOptions::standard());
void require_sound_outcome(const net::Failure& failure);

/// Everything in a decision is UTF-8 without control characters, and so is the answer that an engine gets, which is
/// one line of JSON.
void require_sound_decision(const Decision& decision);

} // namespace dialhook::fuzz
