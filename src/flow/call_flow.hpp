#pragma once

#include "call/code.hpp"
#include "dialplan/dialplan.hpp"
#include "dialplan/resolve.hpp"
#include "dispatch/dispatcher.hpp"
#include "dispatch/snapshot.hpp"
#include "flow/conversation.hpp"
#include "flow/ivr_dialogue.hpp"
#include "flow/request.hpp"
#include "flow/request_fault.hpp"

#include <boost/system/result.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <variant>

namespace dialhook::flow {

/// Run these steps on the call: `steps_done` follows, or `ended`.
struct Run
{
    dialplan::Resolved front;
};
/// Ask the webhook, with this code of the caller: `webhook_answered` follows, or `ended`.
struct Ask
{
    Code code;
};
/// The call goes this way. Nothing follows.
struct Answer
{
    std::unique_ptr<dispatch::DispatchResult> result; ///< null: the dialplan has no webhook
    dialplan::Resolved branch;       ///< in a dialplan: its last steps, and the name in force after them
    std::string_view play;           ///< message of the IVR before the steps, or empty
    bool asks_in_background = false; ///< the webhook is still to be asked, and the call does not wait for it
};
/// The caller is gone, or a step connected the call: there is nobody to route. Nothing follows.
struct Ended
{
};
/// `Collect` plays a message and collects a code: `digits` follows, `silence`, or `ended`.
using Action = std::variant<Run, Collect, Ask, Answer, Ended>;

/// One call on its way to its route: event in, action out. Pure: no socket, no clock, no log.
///
/// Every door drives it, and does what `next` says. A door that stays with the call (FastAGI) gives it one event after
/// the other; one that is asked again (`call.continue`) hands out `state` with `Run` and `Collect`, forgets the call,
/// and has `resume` go on from there, in a configuration that may be another one by then.
class CallFlow
{
public:
    using Snapshot = std::shared_ptr<const dispatch::Snapshot>;

    /// Never null; in memory of its own, since it holds all texts of the call and is handed on to the coroutine that
    /// asks the webhook.
    using Begun = boost::system::result<std::unique_ptr<CallFlow>, RequestFault>;

    static Begun begin(RouteRequest&& asked, Snapshot snapshot);

    /// Finds again where the call stands, and takes the event that `asked` brings.
    static Begun resume(const ContinueRequest& asked, Snapshot snapshot);

    /// Returns a call that `webhook` alone was asked for, and that `result` answered, whatever its IVR would do next:
    /// for a dry run.
    static CallFlow answered(Snapshot snapshot, const dispatch::ResolvedWebhook& webhook, Call call, bool explain,
                             std::unique_ptr<dispatch::DispatchResult> result);

    /// Returns what the door does now. What it shows lives until the next event.
    const Action& next() const { return next_; }

    // The events. Each is one of those that follow `next`.
    void steps_done();
    void digits(Code code); ///< which may be empty: the terminator alone
    void silence();
    void webhook_answered(std::unique_ptr<dispatch::DispatchResult> result);
    void ended() { next_.emplace<Ended>(); }

    const Call& call() const { return conversation_.call; } ///< `callername`: the one in force
    bool explains() const { return conversation_.explain; }
    const Snapshot& snapshot() const { return snapshot_; }
    const dispatch::ResolvedWebhook* webhook() const { return webhook_; } ///< null in a dialplan without one
    const dialplan::Dialplan* dialplan() const { return dialplan_; }      ///< null when a webhook alone was asked for
    std::string state() const { return to_state(conversation_); }         ///< for `resume`
    std::string_view dialplan_key() const;                                ///< empty when a webhook alone was asked for
    std::string_view webhook_name() const;                                ///< empty in a dialplan without one

    /// Returns what `Ask` asks the webhook for. It shows the call, and the code in `next`.
    dispatch::Dispatch dispatch_request() const;

    /// Returns the name that the recipient of the call sees: a dialplan's steps alone change it; else the reply's comes
    /// before the call's own.
    std::string_view callername(const Answer& answer) const;

private:
    CallFlow(Snapshot snapshot, Conversation conversation)
        : snapshot_(std::move(snapshot))
        , conversation_(std::move(conversation))
    {
    }

    std::optional<RequestFault> find_webhook(std::string&& name);
    std::optional<RequestFault> find_dialplan();
    std::optional<RequestFault> find_place();
    std::optional<RequestFault> take_event(const ContinueRequest& asked);
    std::optional<RequestFault> take_code(std::string_view typed);
    void take_digits(Code code);
    void start_webhook();
    IvrDialogue dialogue() const;
    void take(IvrEvent event, std::unique_ptr<dispatch::DispatchResult> result);
    void answer(std::unique_ptr<dispatch::DispatchResult> result, std::string_view play);

    Snapshot snapshot_; // what the rest refers to
    Conversation conversation_;
    const dispatch::ResolvedWebhook* webhook_ = nullptr;
    const dialplan::Dialplan* dialplan_ = nullptr;
    Action next_;
};

} // namespace dialhook::flow
