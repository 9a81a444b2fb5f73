#include "fastagi/session.hpp"

#include "fastagi/application.hpp"
#include "fastagi/command.hpp"
#include "fastagi/digits.hpp"

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
    channel_.close();
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
        co_await refuse(invalid_params, script.error().why);
        co_return;
    }
    Call& call = script->call;
    if (script->webhook) {
        co_await use_webhook(*script->webhook, call, nullptr);
        co_return;
    }
    const dialplan::Dialplan* const plan = snapshot_->configuration().dialplans.find(call.did.view());
    if (plan == nullptr)
        co_await refuse(no_dialplan, "there is no dialplan for this did");
    else
        co_await follow(*plan, call);
}

net::Awaitable<void> Session::follow(const dialplan::Dialplan& plan, Call& call)
{
    co_await set("DIALHOOK_DIALPLAN", plan.key);
    const dialplan::Resolved front = dialplan::resolve(plan.steps, call.callername.view(), nullptr);
    call.callername = CallerName::from(front.callername).value_or(CallerName());
    if (!plan.webhook) {
        sessions_.decisions_.take(*snapshot_, nullptr, {call, plan.key, {}, front.callername, nullptr});
        co_await set("DIALHOOK_BRANCH", "");
    }
    for (std::size_t at = 0; at < front.steps.size() && !channel_.is_gone(); ++at) {
        in_last_step_ = !plan.webhook && at + 1 == front.steps.size();
        co_await run_step(front.steps[at]);
    }
    if (plan.webhook && !channel_.is_gone())
        co_await use_webhook(plan.webhook->webhook.str(), call, &plan);
}

net::Awaitable<void> Session::use_webhook(std::string_view name, Call& call, const dialplan::Dialplan* plan)
{
    const dispatch::Hook* const hook = snapshot_->find(name);
    if (hook == nullptr) {
        co_await refuse(unknown_webhook, "there is no webhook of this name");
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
                                   call.callername.view(), &decision);
    } else {
        branch.callername = decision.callername.empty() ? call.callername.str() : decision.callername;
    }
    sessions_.decisions_.take(*snapshot_, hook,
                              {call, plan == nullptr ? std::string_view() : std::string_view(plan->key),
                               hook->webhook->name.str(), branch.callername, &outcome->fired});
    co_await tell(*hook, call, outcome->fired, branch.callername);
    if (!outcome->play.empty() && !channel_.is_gone())
        co_await play(channel_, outcome->play, sessions_.log_);
    co_await run_steps(branch.steps);
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
    co_await channel_.command("ANSWER", at_once);
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

net::Awaitable<void> Session::run_steps(const std::vector<dialplan::ResolvedStep>& steps)
{
    for (std::size_t at = 0; at < steps.size() && !channel_.is_gone(); ++at) {
        in_last_step_ = at + 1 == steps.size();
        co_await run_step(steps[at]);
    }
}

net::Awaitable<void> Session::run_step(const dialplan::ResolvedStep& step)
{
    if (const auto* name = std::get_if<dialplan::ShowCallerName>(&step)) {
        co_await set("CALLERID(name)", name->name);
        co_return;
    }
    const config::AsteriskSettings& settings = snapshot_->configuration().asterisk;
    const auto* const dial = std::get_if<dialplan::DialDestination>(&step);
    const auto application = dial != nullptr ? application_of(*dial, settings)
                                             : application_of(*std::get<const dialplan::EngineStep*>(step), settings);
    if (!application) {
        sessions_.log_.write_summed(log::Level::error, "a step was left out", application.error().why,
                                    {{"detail", application.error().why}});
        co_await channel_.command(command::verbose("dialhook left a step out: " + application.error().why), at_once);
        co_return;
    }
    co_await channel_.command(command::exec(application->name, application->arguments), longest_application);
}

/// The branch comes last: where it is set, all else is set.
net::Awaitable<void> Session::tell(const dispatch::Hook& hook, const Call& call, const dispatch::Fired& fired,
                                   std::string_view callername)
{
    const Decision& decision = fired.decision;
    // GCC 12 evaluates both arms of a conditional expression inside a co_await.
    const std::string destination = decision.destination ? decision.destination->str() : std::string();
    for (const auto& [key, value] : decision.variables)
        co_await set(variable_name(key), value);
    co_await set("DIALHOOK_STATUS", word_or_nothing(decision.status));
    co_await set("DIALHOOK_REASON", word_or_nothing(decision.reason()));
    co_await set("DIALHOOK_DESTINATION", destination);
    co_await set("DIALHOOK_CALLERNAME", callername);
    if (!callername.empty())
        co_await set("CALLERID(name)", callername);
    co_await forward_callerid(*hook.webhook, call);
    co_await set("DIALHOOK_BRANCH", to_string(decision.branch()));
}

net::Awaitable<void> Session::forward_callerid(const Webhook& webhook, const Call& call)
{
    switch (webhook.callerid) {
    case ForwardedNumber::caller:
        if (!call.callerid.empty())
            co_await set("CALLERID(num)", call.callerid.view());
        break;
    case ForwardedNumber::called:
        co_await set("CALLERID(num)", call.did.view());
        co_await set("CALLERID(pres)", "allowed");
        break;
    case ForwardedNumber::suppressed:
        co_await set("CALLERID(pres)", "prohib");
        break;
    }
}

net::Awaitable<void> Session::set(std::string_view name, std::string_view value)
{
    if (!channel_.is_gone())
        co_await channel_.command(command::set_variable(name, value), at_once);
}

/// Asterisk's own dialplan goes on, and finds no branch.
net::Awaitable<void> Session::refuse(int code, std::string_view why)
{
    sessions_.tally_.engine_errors.count(code);
    sessions_.log_.write_summed(log::Level::warning, "FastAGI request refused", why, {{"detail", why}});
    co_await set("DIALHOOK_BRANCH", "");
    co_await channel_.command(command::verbose("dialhook: " + std::string(why)), at_once);
}

void Session::stop_firing(net::StopCause cause)
{
    if (firing_ != nullptr)
        firing_->request(cause);
}

} // namespace dialhook::fastagi
