#include "api/fastagi/session.hpp"

#include "api/fastagi/application.hpp"
#include "api/fastagi/command.hpp"
#include "api/fastagi/digits.hpp"
#include "api/fastagi/ring_variables.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace dialhook::fastagi {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds at_once = 5s;
constexpr std::chrono::milliseconds longest_application = 24h; // a conversation is one application

// The codes that an engine on the Unix socket would get; here they are only counted.
constexpr int invalid_params = -32602;
constexpr int unknown_webhook = -32001;
constexpr int no_dialplan = -32002;

/// Beside `DIALHOOK_BRANCH`. (GCC 12 does not keep a list in braces alive over a co_await.)
constexpr std::array of_a_decision = {"DIALHOOK_STATUS", "DIALHOOK_REASON", "DIALHOOK_DESTINATION",
                                      "DIALHOOK_CALLERNAME"};

template <class Word>
std::string_view word_or_nothing(const std::optional<Word>& word)
{
    return word ? to_string(*word) : std::string_view();
}

/// `queue-id` as a part of the name of a channel variable.
std::string variable_name(std::string_view key)
{
    std::string name = "DIALHOOK_VAR_";
    for (const char c : key)
        name += c == '-' ? '_' : c;
    return name;
}

} // namespace

Session::Session(Sessions& sessions, net::TcpSocket socket)
    : sessions_(sessions)
    , snapshot_(sessions.snapshot_)
    , channel_(std::move(socket), sessions.wheel_)
{
}

net::Awaitable<void> Session::run(std::shared_ptr<Session> self)
{
    try {
        co_await serve();
    } catch (const std::exception& error) { // memory that runs out ends this call's help, not the others'
        sessions_.log_.write(log::Level::error, "unexpected exception in a FastAGI session",
                             {{"detail", error.what()}});
    }
    if (const auto fault = channel_.fault(); !fault.empty())
        sessions_.log_.write_summed(log::Level::warning, "FastAGI session ended early", fault,
                                    {{"call_id", call_id_}, {"did", did_}, {"detail", fault}});
    remember();
    channel_.close(); // from here on the channel may ask again
    sessions_.forget(self);
}

net::Awaitable<void> Session::serve()
{
    auto environment = co_await channel_.environment(at_once);
    if (!environment)
        co_return;
    auto script = read_script(*environment);
    environment.reset(); // a channel may stay for hours
    if (!script) {
        Refused refused = std::move(script).error();
        refused.code = invalid_params;
        co_await refuse(std::move(refused));
        co_return;
    }
    Call& call = script->call;
    keep_declared(call.vars, snapshot_->configuration().vars);
    did_ = call.did.str();
    call_id_ = call.call_id.str();
    channel_id_ = call_id_ + '\n' + script->channel;
    take_back(call);
    if (script->webhook) {
        co_await use_webhook(*script->webhook, call, nullptr);
        co_return;
    }
    const dialplan::Dialplan* const plan = snapshot_->configuration().dialplans.find(call.did.view());
    if (plan == nullptr) {
        Refused refused = refusal(no_dialplan, Refused::Named::did, did_);
        refused.why = "there is no dialplan for the did \"" + refused.name + '"';
        co_await refuse(std::move(refused));
    } else {
        co_await follow(*plan, call);
    }
}

/// Makes the call again what it was before an earlier question changed the channel.
void Session::take_back(Call& call)
{
    before_ = sessions_.asked_channels_.find(channel_id_);
    if (before_ && call.callerid.str() == before_->shown_number)
        call.callerid = before_->callerid;
    if (before_ && call.callername.str() == before_->shown_name)
        call.callername = before_->callername;
    if (before_ && call.presentation == before_->shown_presentation)
        call.presentation = before_->presentation;
    now_ = {.callerid = call.callerid,
            .callername = call.callername,
            .presentation = call.presentation,
            .shown_number = call.callerid.str(),
            .shown_name = call.callername.str(),
            .shown_presentation = call.presentation,
            .variables = {}};
}

/// Keeps what this question left on the channel, for the next one.
void Session::remember()
{
    if (!has_changed_channel_)
        return;
    if (before_)
        now_.variables.insert(now_.variables.end(), before_->variables.begin(), before_->variables.end());
    sessions_.asked_channels_.remember(channel_id_, std::move(now_));
}

net::Awaitable<void> Session::follow(const dialplan::Dialplan& plan, Call& call)
{
    const dispatch::Hook* const hook = plan.webhook ? snapshot_->find(plan.webhook->webhook.str()) : nullptr;
    const dialplan::Resolved front = dialplan::resolve(plan.steps, call.name_to_show(), nullptr);
    const std::string told = dialplan::resolve(plan.steps, call.callername.view(), nullptr).callername;
    co_await set("DIALHOOK_DIALPLAN", plan.key);
    co_await set("DIALHOOK_DONE", "");
    if (hook == nullptr) {
        sessions_.decisions_.take(*snapshot_, nullptr, {call, plan.key, {}, front.callername, nullptr});
        co_await forget_question();
        co_await set("DIALHOOK_BRANCH", "");
    }
    if (!front.steps.empty()) {
        const ForwardedNumber forwarded = hook == nullptr ? ForwardedNumber::caller : hook->webhook->callerid;
        co_await show(call, forwarded, call.name_to_show());
    }
    call.callername = CallerName::from(told).value_or(CallerName());
    const bool goes_on = co_await run_steps(front.steps, !plan.webhook);
    if (plan.webhook && goes_on && !channel_.is_gone())
        co_await use_webhook(plan.webhook->webhook.str(), call, &plan);
    if (!is_done_)
        co_await set("DIALHOOK_DONE", "1");
}

net::Awaitable<void> Session::use_webhook(std::string_view name, Call& call, const dialplan::Dialplan* plan)
{
    const dispatch::Hook* const hook = snapshot_->find(name);
    if (hook == nullptr) {
        Refused refused = refusal(unknown_webhook, Refused::Named::webhook, name);
        refused.why = "there is no webhook \"" + refused.name + '"';
        refused.webhook = refused.name;
        co_await refuse(std::move(refused));
        co_return;
    }
    const bool needs_destination = plan != nullptr && plan->webhook->needs_destination();
    std::optional<Outcome> outcome;
    if (hook->webhook->ivr == nullptr)
        outcome = co_await ask(*hook, call, needs_destination);
    else
        outcome = co_await ask_with_ivr(*hook, call, needs_destination);
    if (!outcome)
        co_return;
    const Decision& decision = outcome->fired.decision;
    dialplan::Resolved branch;
    if (plan != nullptr) {
        const bool success = decision.branch() == Branch::success;
        branch = dialplan::resolve(success ? plan->webhook->on_success : plan->webhook->on_failure,
                                   dialplan::name_before_branch(plan->steps, call), &decision);
    } else {
        branch.callername = decision.callername.empty() ? std::string(call.name_to_show()) : decision.callername;
    }
    sessions_.decisions_.take(*snapshot_, hook,
                              {call, plan == nullptr ? std::string_view() : std::string_view(plan->key),
                               hook->webhook->name.str(), branch.callername, &outcome->fired});
    co_await tell(*hook, call, outcome->fired, branch.callername);
    if (!outcome->play.empty() && !channel_.is_gone())
        co_await play(channel_, outcome->play, sessions_.log_);
    co_await run_steps(branch.steps, true);
}

net::Awaitable<std::optional<Session::Outcome>> Session::ask(const dispatch::Hook& hook, const Call& call,
                                                             bool needs_destination)
{
    if (!hook.webhook->is_waited_for()) {
        sessions_.background_.fire(snapshot_, hook, call);
        co_return Outcome{dispatch::Fired(Decision::success()), {}};
    }
    auto fired = co_await fire(hook, {.call = call, .needs_destination = needs_destination});
    if (!fired)
        co_return std::nullopt;
    co_return Outcome{*std::move(fired), {}};
}

net::Awaitable<std::optional<Session::Outcome>> Session::ask_with_ivr(const dispatch::Hook& hook, const Call& call,
                                                                      bool needs_destination)
{
    const Ivr& ivr = *hook.webhook->ivr;
    co_await channel_.command(command::answer(), at_once);
    IvrDialogue dialogue(ivr);
    Digits digits(channel_, ivr, sessions_.log_);
    AskForCode question = dialogue.start();
    while (true) {
        const Entered entered = co_await digits.ask(question.play);
        dispatch::Fired fired(Decision::failure(Reason::internal));
        IvrEvent event = NoCode{};
        if (entered.how == Entered::How::gone) {
            event = HungUp{};
        } else if (entered.how == Entered::How::code && entered.keys.empty()) {
            event = EmptyCode{};
        } else if (entered.how == Entered::How::code) {
            auto came =
                co_await fire(hook, {.call = call, .code = entered.keys, .needs_destination = needs_destination});
            if (!came)
                co_return std::nullopt;
            fired = *std::move(came);
            event = std::move(fired.decision);
        }
        IvrAction action = dialogue.take(std::move(event));
        if (const auto* next = std::get_if<AskForCode>(&action)) {
            question = *next;
        } else if (auto* end = std::get_if<Conclude>(&action)) {
            fired.decision = std::move(end->decision);
            co_return Outcome{std::move(fired), end->play};
        } else {
            co_return std::nullopt;
        }
    }
}

/// Nothing: the caller hung up meanwhile, and nobody waits for the outcome.
net::Awaitable<std::optional<dispatch::Fired>> Session::fire(const dispatch::Hook& hook, const dispatch::Firing& firing)
{
    if (channel_.is_gone())
        co_return std::nullopt;
    net::Stop stop;
    const Channel::Watch watch(channel_, stop);
    firing_ = &stop;
    sessions_.tally_.in_flight.add();
    auto fired = co_await sessions_.dispatcher_.fire(*snapshot_, hook, firing, stop);
    sessions_.tally_.in_flight.subtract();
    firing_ = nullptr;
    if (stop.cause() == net::StopCause::abandoned) {
        sessions_.tally_.abandoned.add();
        co_return std::nullopt;
    }
    co_return *std::move(fired);
}

/// Returns false when a step connected the call, or ended it.
net::Awaitable<bool> Session::run_steps(const std::vector<dialplan::ResolvedStep>& steps, bool are_last)
{
    for (std::size_t at = 0; at < steps.size() && !channel_.is_gone(); ++at) {
        in_last_step_ = are_last && at + 1 == steps.size();
        if (in_last_step_ && !std::exchange(is_done_, true))
            co_await set("DIALHOOK_DONE", "1"); // what follows it is Asterisk's, also without us
        const bool goes_on = co_await run_step(steps[at]);
        if (!goes_on)
            co_return false;
    }
    co_return true;
}

/// Returns false when Asterisk wants to be rid of the channel after the step.
net::Awaitable<bool> Session::run_step(const dialplan::ResolvedStep& step)
{
    if (const auto* name = std::get_if<dialplan::ShowCallerName>(&step)) {
        if (now_.shown_presentation == Presentation::allowed)
            co_await show_name(name->name);
        co_return true;
    }
    const config::AsteriskSettings& settings = snapshot_->configuration().asterisk;
    if (const auto* group = std::get_if<dialplan::DialGroup>(&step))
        co_return co_await dial_group(*group);
    const auto* const dial = std::get_if<dialplan::DialDestination>(&step);
    const auto* const engine_step = dial == nullptr ? std::get<const dialplan::EngineStep*>(step) : nullptr;
    const auto application = dial != nullptr ? application_of(*dial, settings) : application_of(*engine_step, settings);
    const std::string_view shown = dial != nullptr ? std::string_view(dial->destination) : engine_step->json;
    if (!application) {
        co_await leave_out(shown, application.error().why);
        co_return true;
    }
    co_return co_await run_application(*application, shown);
}

/// Returns false when one of the targets connected the call, or the caller is gone.
net::Awaitable<bool> Session::dial_group(const dialplan::DialGroup& group)
{
    std::string shown = "dial";
    for (const std::string& target : group.to)
        shown += ' ' + target;
    const auto dials = applications_of(group, snapshot_->configuration().asterisk);
    if (!dials) {
        co_await leave_out(shown, dials.error().why);
        co_return true;
    }
    for (const Application& dial : *dials) {
        if (channel_.is_gone())
            co_return false;
        const bool goes_on = co_await run_application(dial, shown);
        if (!goes_on)
            co_return false;
    }
    co_return true;
}

/// Returns false when Asterisk wants to be rid of the channel after it. `shown`: the step, for people.
net::Awaitable<bool> Session::run_application(const Application& application, std::string_view shown)
{
    const auto exec = command::exec(application.name, application.arguments);
    if (!exec) {
        co_await leave_out(shown, "with its arguments it exceeds the 2,047 bytes that Asterisk reads");
        co_return true;
    }
    if (application.needs_answer) {
        const Reply answered = co_await channel_.command(command::answer(), at_once);
        if (application.name.empty() || answered.failed())
            co_return !answered.failed();
    }
    may_ring_ = application.name == "Dial" || application.name == "Queue";
    if (may_ring_ && sessions_.is_draining()) {
        co_await channel_.leave_with(*exec);
        co_return false;
    }
    const Reply reply = co_await channel_.command(*exec, longest_application);
    may_ring_ = false;
    if (reply.result == "-2")
        sessions_.log_.write_summed(log::Level::error, "Asterisk has no such application; load its module",
                                    did_ + ' ' + application.name,
                                    {{"application", application.name}, {"did", did_}, {"call_id", call_id_}});
    // Dial and Queue say -1 after a conversation, and so does whatever ended the call or handed it over.
    co_return reply.code != 511 && reply.result != "-1";
}

net::Awaitable<void> Session::leave_out(std::string_view step, std::string_view why)
{
    sessions_.log_.write_summed(log::Level::error, "a step was left out", did_ + ' ' + std::string(step),
                                {{"step", step}, {"did", did_}, {"call_id", call_id_}, {"detail", why}});
    co_await channel_.command(command::verbose("dialhook left out " + std::string(step) + ": " + std::string(why)),
                              at_once);
}

/// The branch comes last: where it is set, all else is set.
net::Awaitable<void> Session::tell(const dispatch::Hook& hook, const Call& call, const dispatch::Fired& fired,
                                   std::string_view callername)
{
    const Decision& decision = fired.decision;
    // GCC 12 evaluates both arms of a conditional expression inside a co_await.
    const std::string destination = decision.destination ? decision.destination->str() : std::string();
    for (const auto& [key, value] : decision.variables)
        now_.variables.push_back(variable_name(key));
    const auto rings = ring_variables(decision.ringing.get());
    for (const auto& [name, value] : rings)
        now_.variables.emplace_back(name);
    has_changed_channel_ = true;
    co_await forget_variables();
    for (const auto& [key, value] : decision.variables)
        co_await set(variable_name(key), value);
    for (const auto& [name, value] : rings)
        co_await set(name, value);
    co_await set("DIALHOOK_STATUS", word_or_nothing(decision.status));
    co_await set("DIALHOOK_REASON", word_or_nothing(decision.reason()));
    co_await set("DIALHOOK_DESTINATION", destination);
    co_await set("DIALHOOK_CALLERNAME", callername);
    co_await show(call, hook.webhook->callerid, callername);
    co_await set("DIALHOOK_BRANCH", to_string(decision.branch()));
}

/// Empties what an earlier question on this channel set, and this one does not.
net::Awaitable<void> Session::forget_variables()
{
    if (!before_)
        co_return;
    for (const std::string& name : before_->variables)
        if (std::find(now_.variables.begin(), now_.variables.end(), name) == now_.variables.end())
            co_await set(name, "");
    before_->variables.clear();
}

/// Empties all that an earlier question on this channel set.
net::Awaitable<void> Session::forget_question()
{
    if (!before_)
        co_return;
    co_await forget_variables();
    for (const char* const name : of_a_decision)
        co_await set(name, "");
}

/// Puts on the channel what the next telephone may show. Endpoints that trust their peer send number and name of a call
/// that is only marked as private, so neither stays.
net::Awaitable<void> Session::show(const Call& call, ForwardedNumber forwarded, std::string_view callername)
{
    const bool is_called = forwarded == ForwardedNumber::called;
    const bool is_hidden = forwarded == ForwardedNumber::suppressed ||
                           (forwarded == ForwardedNumber::caller && call.presentation == Presentation::prohibited);
    if (is_hidden) {
        co_await show_name("");
        co_await show_number("");
        co_await set("CALLERID(pres)", "prohib");
        now_.shown_presentation = Presentation::prohibited;
        co_return;
    }
    const bool was_changed = before_ || call.presentation == Presentation::prohibited;
    if (!callername.empty() || was_changed)
        co_await show_name(callername);
    const std::string_view number = is_called ? call.did.view() : call.callerid.view();
    if (!number.empty() || was_changed)
        co_await show_number(number);
    if (is_called || was_changed)
        co_await set("CALLERID(pres)", "allowed");
    now_.shown_presentation = Presentation::allowed;
}

net::Awaitable<void> Session::show_name(std::string_view name)
{
    co_await set("CALLERID(name)", name);
    now_.shown_name = name;
    has_changed_channel_ = true;
}

net::Awaitable<void> Session::show_number(std::string_view number)
{
    co_await set("CALLERID(num)", number);
    now_.shown_number = number;
}

net::Awaitable<void> Session::set(std::string_view name, std::string_view value)
{
    if (!channel_.is_gone())
        co_await channel_.command(command::set_variable(name, value), at_once);
}

/// A name in the `agi://` address may hold any bytes.
Refused Session::refusal(int code, Refused::Named named, std::string_view name) const
{
    Refused refused;
    refused.code = code;
    refused.named = named;
    refused.name = Refused::cut(text::utf8_or_windows_1252(std::string(name)));
    refused.did = Refused::cut(did_);
    refused.call_id = Refused::cut(call_id_);
    return refused;
}

/// Asterisk's own dialplan goes on, and finds no branch, nor anything that an earlier question left.
net::Awaitable<void> Session::refuse(Refused refused)
{
    const std::string why =
        refused.why + sessions_.decisions_.take_refusal(snapshot_, "FastAGI request refused", refused);
    co_await forget_question();
    co_await set("DIALHOOK_BRANCH", "");
    co_await channel_.command(command::verbose("dialhook: " + why), at_once);
}

void Session::stop_firing(net::StopCause cause)
{
    if (firing_ != nullptr)
        firing_->request(cause);
}

} // namespace dialhook::fastagi
