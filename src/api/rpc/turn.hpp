#pragma once

#include "api/rpc/request.hpp"
#include "call/code.hpp"
#include "dialplan/conversation.hpp"
#include "dialplan/dialplan.hpp"
#include "dialplan/resolve.hpp"
#include "dispatch/dispatcher.hpp"
#include "dispatch/snapshot.hpp"
#include "webhook/ivr_dialogue.hpp"

#include <boost/system/result.hpp>

#include <memory>
#include <optional>
#include <string_view>
#include <variant>

namespace dialhook::engine {

/// The engine runs these steps and comes back.
struct RunSteps
{
    dialplan::Resolved front;
};
/// The webhook is fired, and `conclude` says what follows.
struct FireWebhook
{
    Code code;
};
/// The call goes this way: the end of the conversation.
struct Route
{
    std::unique_ptr<dispatch::Fired> fired; ///< null: the dialplan has no webhook
    dialplan::Resolved branch;              ///< in a dialplan: its last steps, and the name in force behind them
    std::string_view play;                  ///< message of the IVR in front of the steps, or empty
};

/// One call between a request of its engine and the answer to it: where it stands in the configuration, and what comes
/// next. Pure: firing and answering are the session's.
struct Turn
{
    std::shared_ptr<const dispatch::Snapshot> snapshot; ///< what the rest refers to
    dialplan::Conversation conversation;
    const dispatch::Hook* hook = nullptr;         ///< null in a dialplan without a webhook
    const dialplan::Dialplan* dialplan = nullptr; ///< null when a webhook alone was asked for
    std::variant<RunSteps, AskForCode, FireWebhook, Route> next;

    bool needs_destination() const { return dialplan != nullptr && dialplan->webhook->needs_destination(); }
};

/// Never null; in memory of its own, since it holds all texts of the call and is handed on to the coroutine that fires.
using TurnOrFault = boost::system::result<std::unique_ptr<Turn>, RpcFault>;

/// A call comes in.
TurnOrFault begin(RouteParams&& asked, std::shared_ptr<const dispatch::Snapshot> snapshot);

/// The engine has run the steps, or brings what the caller entered.
TurnOrFault resume(const ContinueParams& asked, std::shared_ptr<const dispatch::Snapshot> snapshot);

/// The webhook is fired without the call waiting for it: the call takes the success branch.
void go_on(Turn& turn);

/// The webhook was fired.
void conclude(Turn& turn, std::unique_ptr<dispatch::Fired> fired);

/// The name that the recipient of the call sees: a dialplan's steps alone change it; else the reply's comes before the
/// call's own.
std::string_view callername_of(const Turn& turn, const Route& route);

} // namespace dialhook::engine
