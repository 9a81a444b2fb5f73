#include "flow/call_flow.hpp"

#include <cassert>
#include <utility>

namespace dialhook::flow {
namespace {

std::unique_ptr<dispatch::DispatchResult> came_to(Decision decision)
{
    return std::make_unique<dispatch::DispatchResult>(std::move(decision));
}

} // namespace

CallFlow::Begun CallFlow::begin(RouteRequest&& asked, Snapshot snapshot)
{
    std::unique_ptr<CallFlow> begun(new CallFlow(
        std::move(snapshot),
        {.call = std::move(asked.call), .key = {}, .webhook = {}, .http_status = {}, .explain = asked.explain}));
    auto& vars = begun->conversation_.call.vars;
    if (!vars.empty())
        keep_declared(vars, begun->snapshot_->configuration().vars);
    auto fault = asked.webhook ? begun->find_webhook(*std::move(asked.webhook)) : begun->find_dialplan();
    if (fault)
        return *std::move(fault);
    return begun;
}

std::optional<RequestFault> CallFlow::find_webhook(std::string&& name)
{
    webhook_ = snapshot_->find(name);
    if (webhook_ == nullptr)
        return unknown_webhook(call(), name, "there is no webhook");
    conversation_.webhook = std::move(name);
    start_webhook();
    return std::nullopt;
}

std::optional<RequestFault> CallFlow::find_dialplan()
{
    Call& call = conversation_.call;
    const dialplan::Dialplan* const plan = snapshot_->configuration().dialplans.find(call.did.view());
    if (plan == nullptr)
        return no_dialplan(call, call.did.view(), "there is no dialplan for the did", "; add one, or name a webhook");
    dialplan_ = plan;
    dialplan::Resolved front = dialplan::resolve(plan->steps, call.name_to_show(), nullptr);
    if (!plan->webhook) {
        next_.emplace<Answer>().branch = std::move(front);
        return std::nullopt;
    }
    conversation_.key = plan->key;
    conversation_.webhook = plan->webhook->webhook.str();
    webhook_ = snapshot_->find(conversation_.webhook);
    // The web server sees the name of a private call; the steps run without it.
    const std::string name = call.presentation == Presentation::allowed
                                 ? front.callername
                                 : dialplan::resolve(plan->steps, call.callername.view(), nullptr).callername;
    call.callername = CallerName::from(name).value_or(CallerName());
    if (front.steps.empty())
        start_webhook();
    else
        next_.emplace<Run>().front = std::move(front);
    return std::nullopt;
}

CallFlow::Begun CallFlow::resume(const ContinueRequest& asked, Snapshot snapshot)
{
    auto conversation = from_state(asked.state);
    if (!conversation)
        return bad_state(to_string(conversation.error()));
    std::unique_ptr<CallFlow> resumed(new CallFlow(std::move(snapshot), *std::move(conversation)));
    auto& vars = resumed->conversation_.call.vars;
    if (!vars.empty())
        keep_declared(vars, resumed->snapshot_->configuration().vars);
    auto fault = resumed->find_place();
    if (!fault)
        fault = resumed->take_event(asked);
    if (fault)
        return with_call(*std::move(fault), resumed->call(), resumed->conversation_.webhook);
    return resumed;
}

std::optional<RequestFault> CallFlow::find_place()
{
    const Conversation& conversation = conversation_;
    if (conversation.key) {
        dialplan_ = snapshot_->configuration().dialplans.with_key(*conversation.key);
        if (dialplan_ == nullptr)
            return no_dialplan(call(), *conversation.key, "the dialplan of this call is gone:");
        const auto& step = dialplan_->webhook;
        if (!step || step->webhook.str() != conversation.webhook)
            return bad_state("the dialplan's webhook step changed since this state was made");
    }
    webhook_ = snapshot_->find(conversation.webhook);
    if (webhook_ == nullptr)
        return unknown_webhook(call(), conversation.webhook, "the webhook of this call is gone:");
    if (conversation.attempt != 0 && webhook_->webhook->ivr == nullptr)
        return bad_state("the webhook lost its ivr since this state was made");
    return std::nullopt;
}

std::optional<RequestFault> CallFlow::take_event(const ContinueRequest& asked)
{
    if (conversation_.attempt == 0) {
        if (asked.code || asked.timeout)
            return invalid_params("no code was asked for; send state alone when the steps are done");
        start_webhook();
        return std::nullopt;
    }
    if (asked.code.has_value() == asked.timeout)
        return invalid_params("a code was asked for; send either code, or timeout: true");
    if (asked.code)
        return take_code(*asked.code);
    take(NoCode{}, came_to(Decision::failure(Reason::internal)));
    return std::nullopt;
}

/// Nothing that is said of a code quotes it.
std::optional<RequestFault> CallFlow::take_code(std::string_view typed)
{
    const Ivr& ivr = *webhook_->webhook->ivr;
    auto code = ivr.read_code(typed);
    if (!code)
        return invalid_params(code.error() == CodeFault::not_keys
                                  ? "code must hold nothing but digits, *, # and A to D"
                                  : "code must be at most max_digits keys long, " + std::to_string(ivr.max_digits));
    take_digits(*std::move(code));
    return std::nullopt;
}

CallFlow CallFlow::answered(Snapshot snapshot, const dispatch::ResolvedWebhook& webhook, Call call, bool explain,
                            std::unique_ptr<dispatch::DispatchResult> result)
{
    CallFlow flow(std::move(snapshot), {.call = std::move(call),
                                        .key = {},
                                        .webhook = webhook.webhook->name.str(),
                                        .http_status = {},
                                        .explain = explain});
    flow.webhook_ = &webhook;
    flow.answer(std::move(result), {});
    return flow;
}

void CallFlow::start_webhook()
{
    if (!webhook_->webhook->is_waited_for()) {
        answer(came_to(Decision::success()), {});
        std::get<Answer>(next_).asks_in_background = true;
    } else if (webhook_->webhook->ivr == nullptr) {
        next_.emplace<Ask>();
    } else {
        conversation_.attempt = 1;
        next_ = dialogue().start();
    }
}

void CallFlow::steps_done()
{
    assert(std::holds_alternative<Run>(next_));
    start_webhook();
}

void CallFlow::digits(Code code)
{
    assert(std::holds_alternative<Collect>(next_));
    take_digits(std::move(code));
}

void CallFlow::take_digits(Code code)
{
    if (code.empty())
        take(EmptyCode{}, came_to(Decision::failure(Reason::internal)));
    else
        next_ = Ask{std::move(code)};
}

void CallFlow::silence()
{
    assert(std::holds_alternative<Collect>(next_));
    take(NoCode{}, came_to(Decision::failure(Reason::internal)));
}

void CallFlow::webhook_answered(std::unique_ptr<dispatch::DispatchResult> result)
{
    assert(std::holds_alternative<Ask>(next_));
    if (webhook_->webhook->ivr == nullptr)
        return answer(std::move(result), {});
    IvrEvent event = std::move(result->decision);
    take(std::move(event), std::move(result));
}

IvrDialogue CallFlow::dialogue() const
{
    return IvrDialogue(*webhook_->webhook->ivr, conversation_.attempt, conversation_.http_status);
}

/// `result`: what the end tells of, beside its decision.
void CallFlow::take(IvrEvent event, std::unique_ptr<dispatch::DispatchResult> result)
{
    IvrDialogue dialogue = this->dialogue();
    IvrAction action = dialogue.take(std::move(event));
    if (const auto* question = std::get_if<Collect>(&action)) {
        conversation_.attempt = static_cast<std::uint16_t>(question->attempt);
        conversation_.http_status = dialogue.http_status();
        next_ = *question;
        return;
    }
    auto& end = std::get<Conclude>(action);
    result->decision = std::move(end.decision);
    answer(std::move(result), end.play);
}

/// The end: the branch's steps are worked out, with what the webhook brought.
void CallFlow::answer(std::unique_ptr<dispatch::DispatchResult> result, std::string_view play)
{
    Answer& answer = next_.emplace<Answer>();
    answer.result = std::move(result);
    answer.play = play;
    if (dialplan_ == nullptr)
        return;
    const dialplan::WebhookStep& step = *dialplan_->webhook;
    const Decision& decision = answer.result->decision;
    const auto& branch = decision.branch() == Branch::success ? step.on_success : step.on_failure;
    answer.branch = dialplan::resolve(branch, dialplan::name_before_branch(dialplan_->steps, call()), &decision);
}

std::string_view CallFlow::dialplan_key() const
{
    return dialplan_ != nullptr ? std::string_view(dialplan_->key) : std::string_view();
}

std::string_view CallFlow::webhook_name() const
{
    return webhook_ != nullptr ? std::string_view(webhook_->webhook->name.str()) : std::string_view();
}

dispatch::Dispatch CallFlow::dispatch_request() const
{
    return {.call = call(),
            .code = std::get<Ask>(next_).code.view(),
            .explain = explains(),
            .needs_destination = dialplan_ != nullptr && dialplan_->webhook->needs_destination()};
}

std::string_view CallFlow::callername(const Answer& answer) const
{
    if (dialplan_ != nullptr)
        return answer.branch.callername;
    const std::string& replied = answer.result->decision.callername;
    return replied.empty() ? call().name_to_show() : std::string_view(replied);
}

} // namespace dialhook::flow
