#pragma once

#include "call/call.hpp"

#include <boost/system/result.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dialhook::flow {

/// How far a call has come: all that must be known of it when its engine comes back. It travels in the answer as
/// `state`, so that the daemon keeps nothing between two questions, and any instance with the same configuration goes
/// on with the call.
struct Conversation
{
    Call call;                      ///< `callername`: the one in force
    std::optional<std::string> key; ///< of the dialplan; none: a webhook alone was asked for
    std::string webhook;            ///< name of the webhook that is dispatched in the end
    std::uint16_t attempt = 0;      ///< the code that is being collected, from 1; 0: steps are being run
    std::optional<int> http_status; ///< of the last reply
    bool explain = false;           ///< `timing` and `tries` are wanted with the decision
};

/// Why a text is not the state of a conversation.
enum class BadState : unsigned char
{
    other_version, ///< written by a daemon that has another format
    damaged        ///< cut, changed, or never a state
};

std::string_view to_string(BadState fault);

/// Returns the text that carries `conversation`: `[A-Za-z0-9._-]+`, so that it survives every dialplan variable, header
/// and URL. docs/state.md has the format.
std::string to_state(const Conversation& conversation);

/// Returns the conversation that `state` carries. Each field is checked as if it came from a stranger.
boost::system::result<Conversation, BadState> from_state(std::string_view state);

} // namespace dialhook::flow
