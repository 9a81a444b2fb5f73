#include "api/rpc/turn.hpp"

#include <utility>

namespace dialhook::engine {
namespace {

using Snapshot = std::shared_ptr<const dispatch::Snapshot>;

IvrDialogue dialogue_of(const Turn& turn)
{
    return IvrDialogue(*turn.hook->webhook->ivr, turn.conversation.attempt, turn.conversation.http_status);
}

void start_webhook(Turn& turn)
{
    if (turn.hook->webhook->ivr == nullptr) {
        turn.next.emplace<FireWebhook>();
        return;
    }
    turn.conversation.attempt = 1;
    turn.next = dialogue_of(turn).start();
}

/// The end: the branch's steps are worked out, with what the firing brought.
void finish(Turn& turn, std::unique_ptr<dispatch::Fired> fired, std::string_view play)
{
    Route& route = turn.next.emplace<Route>();
    route.fired = std::move(fired);
    route.play = play;
    if (turn.dialplan != nullptr) {
        const dialplan::WebhookStep& step = *turn.dialplan->webhook;
        const Decision& decision = route.fired->decision;
        const auto& branch = decision.branch() == Branch::success ? step.on_success : step.on_failure;
        route.branch = dialplan::resolve(
            branch, dialplan::name_before_branch(turn.dialplan->steps, turn.conversation.call), &decision);
    }
}

/// Does what the dialogue says; `fired` is what the end of it tells of, beside its decision.
void follow(Turn& turn, const IvrDialogue& dialogue, IvrAction action, std::unique_ptr<dispatch::Fired> fired)
{
    if (const auto* question = std::get_if<AskForCode>(&action)) {
        turn.conversation.attempt = static_cast<std::uint16_t>(question->attempt);
        turn.conversation.http_status = dialogue.http_status();
        turn.next = *question;
    } else if (auto* end = std::get_if<Conclude>(&action)) {
        fired->decision = std::move(end->decision);
        finish(turn, std::move(fired), end->play);
    }
}

/// What happened after a question without anybody being asked over HTTP.
void happened(Turn& turn, IvrEvent event)
{
    IvrDialogue dialogue = dialogue_of(turn);
    IvrAction action = dialogue.take(std::move(event));
    follow(turn, dialogue, std::move(action), std::make_unique<dispatch::Fired>(Decision::failure(Reason::internal)));
}

using dispatch::Refused;

RpcFault bad_state(std::string_view why)
{
    return {RpcError::bad_state, std::string(why)};
}

RpcFault invalid_params(std::string_view why)
{
    return {RpcError::invalid_params, std::string(why)};
}

/// `named` and `name` say what was asked for that is not there.
std::shared_ptr<Refused> refused(const Call& call, Refused::Named named, std::string_view name)
{
    auto about = std::make_shared<Refused>();
    about->named = named;
    about->name = Refused::cut(name);
    about->did = Refused::cut(call.did.view());
    about->call_id = Refused::cut(call.call_id.view());
    if (named == Refused::Named::webhook)
        about->webhook = about->name;
    return about;
}

RpcFault no_webhook(const Call& call, std::string_view name, std::string_view said)
{
    auto about = refused(call, Refused::Named::webhook, name);
    std::string message(said);
    message += " \"" + about->name + '"';
    return {RpcError::unknown_webhook, std::move(message), std::move(about)};
}

RpcFault no_dialplan(const Call& call, std::string_view number, std::string_view said, std::string_view remedy)
{
    auto about = refused(call, Refused::Named::did, number);
    std::string message(said);
    message += " \"" + about->name + '"';
    message += remedy;
    return {RpcError::no_dialplan, std::move(message), std::move(about)};
}

/// Says which call the fault is in.
RpcFault with_call(RpcFault fault, const Turn& turn)
{
    if (fault.about == nullptr)
        fault.about = refused(turn.conversation.call, Refused::Named::webhook, turn.conversation.webhook);
    return fault;
}

/// Finds again where the conversation stands, in a configuration that may be another one by now.
std::optional<RpcFault> find_place(Turn& turn)
{
    const dialplan::Conversation& conversation = turn.conversation;
    if (conversation.key) {
        turn.dialplan = turn.snapshot->configuration().dialplans.with_key(*conversation.key);
        if (turn.dialplan == nullptr)
            return no_dialplan(conversation.call, *conversation.key, "the dialplan of this call is gone:", "");
        const auto& step = turn.dialplan->webhook;
        if (!step || step->webhook.str() != conversation.webhook)
            return bad_state("the dialplan's webhook step changed since this state was made");
    }
    turn.hook = turn.snapshot->find(conversation.webhook);
    if (turn.hook == nullptr)
        return no_webhook(conversation.call, conversation.webhook, "the webhook of this call is gone:");
    if (conversation.attempt != 0 && turn.hook->webhook->ivr == nullptr)
        return bad_state("the webhook lost its ivr since this state was made");
    return std::nullopt;
}

/// Nothing that is said of a code quotes it.
std::optional<RpcFault> take_code(Turn& turn, std::string_view typed)
{
    const Ivr& ivr = *turn.hook->webhook->ivr;
    auto code = ivr.read_code(typed);
    if (!code)
        return invalid_params(code.error() == CodeFault::not_keys
                                  ? "code must hold nothing but digits, *, # and A to D"
                                  : "code must be at most max_digits keys long, " + std::to_string(ivr.max_digits));
    if (code->empty())
        happened(turn, EmptyCode{});
    else
        turn.next = FireWebhook{*std::move(code)};
    return std::nullopt;
}

} // namespace

TurnOrFault begin(RouteParams&& asked, Snapshot snapshot)
{
    std::unique_ptr<Turn> begun(new Turn{
        .snapshot = std::move(snapshot),
        .conversation =
            {.call = std::move(asked.call), .key = {}, .webhook = {}, .http_status = {}, .explain = asked.explain},
        .next = {}});
    Turn& turn = *begun;
    Call& call = turn.conversation.call;
    if (!call.vars.empty())
        keep_declared(call.vars, turn.snapshot->configuration().vars);
    if (asked.webhook) {
        turn.hook = turn.snapshot->find(*asked.webhook);
        if (turn.hook == nullptr)
            return no_webhook(call, *asked.webhook, "there is no webhook");
        turn.conversation.webhook = *std::move(asked.webhook);
        start_webhook(turn);
        return begun;
    }

    const dialplan::Dialplan* const plan = turn.snapshot->configuration().dialplans.find(call.did.view());
    if (plan == nullptr)
        return no_dialplan(call, call.did.view(), "there is no dialplan for the did", "; add one, or name a webhook");
    turn.dialplan = plan;
    dialplan::Resolved front = dialplan::resolve(plan->steps, call.name_to_show(), nullptr);
    if (!plan->webhook) {
        turn.next = Route{{}, std::move(front), {}};
        return begun;
    }
    turn.conversation.key = plan->key;
    turn.conversation.webhook = plan->webhook->webhook.str();
    turn.hook = turn.snapshot->find(turn.conversation.webhook);
    const std::string told = call.presentation == Presentation::allowed
                                 ? front.callername
                                 : dialplan::resolve(plan->steps, call.callername.view(), nullptr).callername;
    call.callername = CallerName::from(told).value_or(CallerName());
    if (front.steps.empty())
        start_webhook(turn);
    else
        turn.next = RunSteps{std::move(front)};
    return begun;
}

TurnOrFault resume(const ContinueParams& asked, Snapshot snapshot)
{
    auto conversation = dialplan::from_state(asked.state);
    if (!conversation)
        return bad_state(to_string(conversation.error()));
    std::unique_ptr<Turn> resumed(
        new Turn{.snapshot = std::move(snapshot), .conversation = *std::move(conversation), .next = {}});
    Turn& turn = *resumed;
    if (auto& vars = turn.conversation.call.vars; !vars.empty())
        keep_declared(vars, turn.snapshot->configuration().vars);
    if (auto fault = find_place(turn))
        return with_call(*std::move(fault), turn);

    if (turn.conversation.attempt == 0) {
        if (asked.code || asked.timeout)
            return with_call(invalid_params("no code was asked for; send state alone when the steps are done"), turn);
        start_webhook(turn);
    } else if (asked.code.has_value() == asked.timeout) {
        return with_call(invalid_params("a code was asked for; send either code, or timeout: true"), turn);
    } else if (asked.timeout) {
        happened(turn, NoCode{});
    } else if (auto fault = take_code(turn, *asked.code)) {
        return with_call(*std::move(fault), turn);
    }
    return resumed;
}

void go_on(Turn& turn)
{
    finish(turn, std::make_unique<dispatch::Fired>(Decision::success()), {});
}

void conclude(Turn& turn, std::unique_ptr<dispatch::Fired> fired)
{
    if (turn.hook->webhook->ivr == nullptr)
        return finish(turn, std::move(fired), {});
    IvrDialogue dialogue = dialogue_of(turn);
    IvrAction action = dialogue.take(std::move(fired->decision));
    follow(turn, dialogue, std::move(action), std::move(fired));
}

std::string_view callername_of(const Turn& turn, const Route& route)
{
    if (turn.dialplan != nullptr)
        return route.branch.callername;
    const std::string& replied = route.fired->decision.callername;
    return replied.empty() ? turn.conversation.call.name_to_show() : std::string_view(replied);
}

} // namespace dialhook::engine
