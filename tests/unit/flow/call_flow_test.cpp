#include "flow/call_flow.hpp"
#include "unit/config/loading.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace dialhook::flow {
namespace {

using Flow = std::unique_ptr<CallFlow>;

constexpr std::string_view yaml = R"(
vars: [tenant]
webhooks:
  crm: { url: "http://crm.lan/?did={did}", callerid: called }
  pin:
    url: "http://crm.lan/?code={code}"
    ivr: { start_message: start, incorrect_message: incorrect, timeout_message: silent, max_attempts: 2, max_digits: 4 }
  statistics: { url: "http://crm.lan/", wait: false }
dialplans:
  "100":
    - webhook: crm
      on_success: [{callername: {from: webhook}}, {dial: {destination: variable}}]
      on_failure: [{dial: "101"}]
  "200":
    - play: welcome
    - callername: { prefix: "Sales " }
    - webhook: pin
      on_success: [{dial: "201"}]
      on_failure: [hangup]
  "300": [{callername: {prefix: "Shop "}}, {dial: "301"}]
  "400":
    - webhook: statistics
      on_success: [{dial: "401"}]
      on_failure: [hangup]
)";

CallFlow::Snapshot snapshot_of(std::string_view text)
{
    static net::TlsContexts contexts;
    return dispatch::Snapshot::make(config::test::load_well(text), contexts, nullptr);
}

CallFlow::Snapshot snapshot()
{
    static const CallFlow::Snapshot made = snapshot_of(yaml);
    return made;
}

RouteRequest call_to(std::string_view did, std::optional<std::string> webhook = {})
{
    return {.call = {.did = *Did::from(did),
                     .callerid = *CallText::from("+31612345678"),
                     .callername = *CallerName::from("Jan"),
                     .call_id = *CallText::from("42")},
            .webhook = std::move(webhook)};
}

Flow begun(RouteRequest request, const CallFlow::Snapshot& on = snapshot())
{
    auto flow = CallFlow::begin(std::move(request), on);
    EXPECT_TRUE(flow) << flow.error().message;
    return flow ? *std::move(flow) : nullptr;
}

Flow resumed(const ContinueRequest& request, const CallFlow::Snapshot& on = snapshot())
{
    auto flow = CallFlow::resume(request, on);
    EXPECT_TRUE(flow) << flow.error().message;
    return flow ? *std::move(flow) : nullptr;
}

std::string fault_of(const CallFlow::Begun& flow)
{
    return flow ? "none" : std::to_string(number_of(flow.error().code)) + " " + flow.error().message;
}

Decision replied(Status status)
{
    Decision decision = status == Status::ack   ? Decision::success()
                        : status == Status::nak ? Decision::failure(Reason::nak)
                                                : Decision::failure(Reason::err);
    decision.status = status;
    decision.http_status = 200;
    if (status == Status::ack)
        decision.destination = *Destination::from("+31502102544");
    decision.callername = "VoysTelecom";
    return decision;
}

std::unique_ptr<dispatch::DispatchResult> result(Decision decision)
{
    return std::make_unique<dispatch::DispatchResult>(std::move(decision));
}

std::unique_ptr<dispatch::DispatchResult> result(Status status)
{
    return result(replied(status));
}

Code code(std::string_view keys)
{
    return *Code::from(keys);
}

// ---- What the door is to do, as text

struct ShownStep
{
    std::string operator()(const dialplan::ShowCallerName& step) const { return "name " + step.name; }
    std::string operator()(const dialplan::DialDestination& step) const { return "dial " + step.destination; }
    std::string operator()(const dialplan::DialGroup& step) const { return "dial " + step.to.front() + " …"; }
    std::string operator()(const dialplan::EngineStep* step) const { return step->json; }
};

std::string shown(const dialplan::Resolved& resolved)
{
    std::string text;
    for (const auto& step : resolved.steps)
        text += ", " + std::visit(ShownStep(), step);
    return text;
}

struct ShownAction
{
    const CallFlow& flow;

    std::string operator()(const Run& run) const { return "run" + shown(run.front) + " as " + run.front.callername; }
    std::string operator()(const Collect& question) const
    {
        return "collect " + std::to_string(question.attempt) + " after " + std::string(question.play);
    }
    std::string operator()(const Ask&) const
    {
        const dispatch::Dispatch request = flow.dispatch_request();
        std::string text = "ask " + std::string(flow.webhook_name()) + " of " + request.call.callername.str();
        if (!request.code.empty())
            text += " with " + std::string(request.code);
        return request.needs_destination ? text + " for a destination" : text;
    }
    std::string operator()(const Answer& answer) const
    {
        std::string text = "route";
        if (answer.result != nullptr)
            text += answer.result->decision.reason()
                        ? " failure " + std::string(to_string(*answer.result->decision.reason()))
                        : " success";
        text += shown(answer.branch) + " as " + std::string(flow.callername(answer));
        if (!answer.play.empty())
            text += " after " + std::string(answer.play);
        return answer.asks_in_background ? text + ", asking later" : text;
    }
    std::string operator()(const Ended&) const { return "ended"; }
};

std::string next(const CallFlow& flow)
{
    return std::visit(ShownAction{flow}, flow.next());
}

std::string next(const Flow& flow)
{
    return flow == nullptr ? "nothing" : next(*flow);
}

// ---- A webhook alone

TEST(CallFlow, AWebhookAloneIsAskedAndDecides)
{
    const Flow flow = begun(call_to("999", "crm"));
    EXPECT_EQ(next(flow), "ask crm of Jan");
    EXPECT_EQ(flow->dialplan(), nullptr);
    EXPECT_EQ(flow->dialplan_key(), "");
    flow->webhook_answered(result(Status::ack));
    EXPECT_EQ(next(flow), "route success as VoysTelecom");

    const Flow failing = begun(call_to("999", "crm"));
    failing->webhook_answered(result(Decision::failure(Reason::timeout)));
    EXPECT_EQ(next(failing), "route failure timeout as Jan");
}

TEST(CallFlow, TheWebhookIsAskedWhatTheRequestSays)
{
    RouteRequest request = call_to("999", "crm");
    request.explain = true;
    const Flow explained = begun(std::move(request));
    EXPECT_TRUE(explained->dispatch_request().explain);
    EXPECT_FALSE(begun(call_to("999", "crm"))->dispatch_request().explain);
    EXPECT_EQ(&explained->dispatch_request().call, &explained->call());
    EXPECT_FALSE(explained->dispatch_request().needs_destination) << "nothing dials it";
}

TEST(CallFlow, AWebhookThatIsNotWaitedForIsAskedAfterTheAnswer)
{
    EXPECT_EQ(next(begun(call_to("999", "statistics"))), "route success as Jan, asking later");
    EXPECT_EQ(next(begun(call_to("400"))), "route success, dial 401 as Jan, asking later");
}

TEST(CallFlow, WhatIsUnknownIsAFaultThatNamesIt)
{
    const auto no_webhook = CallFlow::begin(call_to("999", "crmm"), snapshot());
    EXPECT_EQ(fault_of(no_webhook), "-32001 there is no webhook \"crmm\"");
    EXPECT_EQ(no_webhook.error().about->webhook, "crmm");
    EXPECT_EQ(no_webhook.error().about->did, "999");
    EXPECT_EQ(no_webhook.error().about->call_id, "42");

    const auto no_plan = CallFlow::begin(call_to("999"), snapshot());
    EXPECT_EQ(fault_of(no_plan), "-32002 there is no dialplan for the did \"999\"");
    EXPECT_EQ(no_plan.error().remedy, "; add one, or name a webhook");
    EXPECT_EQ(no_plan.error().about->name, "999");
    EXPECT_EQ(no_plan.error().about->webhook, "");
}

TEST(CallFlow, VariablesThatAreNotDeclaredAreDropped)
{
    RouteRequest request = call_to("200");
    request.call.vars = {{"tenant", "a"}, {"other", "b"}};
    const Flow flow = begun(std::move(request));
    EXPECT_EQ(flow->call().vars, (CallVars{{"tenant", "a"}}));

    const auto without = snapshot_of(std::string(yaml).replace(yaml.find("[tenant]"), 8, "[verstat]"));
    EXPECT_TRUE(resumed({.state = flow->state(), .code = {}}, without)->call().vars.empty());
}

// ---- Dialplans

TEST(CallFlow, ADialplanFollowsItsBranches)
{
    const Flow ack = begun(call_to("100"));
    EXPECT_EQ(next(ack), "ask crm of Jan for a destination");
    EXPECT_EQ(ack->dialplan_key(), "100");
    ack->webhook_answered(result(Status::ack));
    EXPECT_EQ(next(ack), "route success, name VoysTelecom, dial +31502102544 as VoysTelecom");

    const Flow nak = begun(call_to("100"));
    nak->webhook_answered(result(Status::nak));
    EXPECT_EQ(next(nak), "route failure nak, dial 101 as Jan") << "a dialplan's steps alone change the name";
}

TEST(CallFlow, ADialplanWithoutAWebhookRoutesAtOnce)
{
    const Flow flow = begun(call_to("300"));
    EXPECT_EQ(next(flow), "route, name Shop Jan, dial 301 as Shop Jan");
    EXPECT_EQ(flow->webhook(), nullptr);
    EXPECT_EQ(flow->webhook_name(), "");
}

TEST(CallFlow, StepsRunBeforeTheWebhookIsAsked)
{
    const Flow flow = begun(call_to("200"));
    EXPECT_EQ(next(flow), "run, {\"play\":\"welcome\"}, name Sales Jan as Sales Jan");
    flow->steps_done();
    EXPECT_EQ(next(flow), "collect 1 after start");
    flow->digits(code("1234"));
    EXPECT_EQ(next(flow), "ask pin of Sales Jan with 1234");
    flow->webhook_answered(result(Status::ack));
    EXPECT_EQ(next(flow), "route success, dial 201 as Sales Jan");
}

TEST(CallFlow, TheNameOfAPrivateCallIsForTheWebServerAlone)
{
    RouteRequest request = call_to("200");
    request.call.presentation = Presentation::prohibited;
    const Flow flow = begun(std::move(request));
    EXPECT_EQ(next(flow), "run, {\"play\":\"welcome\"}, name Sales  as Sales ");
    flow->steps_done();
    flow->digits(code("1"));
    EXPECT_EQ(next(flow), "ask pin of Sales Jan with 1");
    flow->webhook_answered(result(Status::ack));
    EXPECT_EQ(next(flow), "route success, dial 201 as Sales ");
}

TEST(CallFlow, WhoHangsUpIsNotRouted)
{
    const auto ended_after = [](const std::function<void(CallFlow&)>& events) {
        const Flow flow = begun(call_to("200"));
        events(*flow);
        flow->ended();
        return next(flow);
    };
    EXPECT_EQ(ended_after([](CallFlow&) {}), "ended");
    EXPECT_EQ(ended_after([](CallFlow& call) { call.steps_done(); }), "ended");
    EXPECT_EQ(ended_after([](CallFlow& call) {
                  call.steps_done();
                  call.digits(code("1"));
              }),
              "ended");
}

// ---- The dialogue with a caller, in one go and from state to state

enum class Happens
{
    ack,
    nak,
    err,
    silence,
    empty_code
};
constexpr std::array all{Happens::ack, Happens::nak, Happens::err, Happens::silence, Happens::empty_code};

std::optional<Status> reply_in(Happens what)
{
    switch (what) {
    case Happens::ack:
        return Status::ack;
    case Happens::nak:
        return Status::nak;
    case Happens::err:
        return Status::err;
    default:
        return std::nullopt;
    }
}

/// As a door that stays with the call does.
void happen(CallFlow& flow, Happens what)
{
    if (what == Happens::silence)
        return flow.silence();
    const auto reply = reply_in(what);
    flow.digits(code(reply ? "12" : ""));
    if (reply)
        flow.webhook_answered(result(*reply));
}

/// As a door does that is asked again.
Flow happen_after(const std::string& state, Happens what)
{
    const auto reply = reply_in(what);
    ContinueRequest request{.state = state, .code = {}, .timeout = what == Happens::silence};
    if (!request.timeout)
        request.code = reply ? "12#" : "#";
    Flow flow = resumed(request);
    if (flow && reply)
        flow->webhook_answered(result(*reply));
    return flow;
}

TEST(CallFlow, EveryDialogueIsTheSameForADoorThatForgets)
{
    std::size_t answers = 0;
    const std::function<void(const std::vector<Happens>&, const Flow&)> follow = [&](const std::vector<Happens>& before,
                                                                                     const Flow& forgetful) {
        for (const Happens what : all) {
            const Flow staying = begun(call_to("200"));
            staying->steps_done();
            for (const Happens earlier : before)
                happen(*staying, earlier);
            happen(*staying, what);
            const Flow after = happen_after(forgetful->state(), what);
            ASSERT_EQ(next(after), next(staying));
            if (std::holds_alternative<Answer>(after->next())) {
                ++answers;
                continue;
            }
            auto history = before;
            history.push_back(what);
            follow(history, after);
        }
    };
    const Flow front = begun(call_to("200"));
    follow({}, resumed({.state = front->state(), .code = {}}));
    EXPECT_EQ(answers, 2U + 3 * 5) << "ACK and ERR end it, and the second attempt does";
}

TEST(CallFlow, ASilentCallerEndsWithTheMessageOfSilence)
{
    const Flow flow = begun(call_to("999", "pin"));
    EXPECT_EQ(next(flow), "collect 1 after start");
    flow->silence();
    EXPECT_EQ(next(flow), "collect 2 after silent");
    flow->silence();
    EXPECT_EQ(next(flow), "route failure ivr_timeout as Jan after silent");
}

TEST(CallFlow, AnEmptyCodeUsesAnAttemptAndAsksNobody)
{
    const Flow flow = begun(call_to("999", "pin"));
    flow->digits(code(""));
    EXPECT_EQ(next(flow), "collect 2 after incorrect");
    flow->digits(code(""));
    EXPECT_EQ(next(flow), "route failure ivr_attempts as Jan after incorrect");
    EXPECT_EQ(std::get<Answer>(flow->next()).result->elapsed.count(), 0) << "no web server took any time";
}

TEST(CallFlow, WhatTheLastRequestTookIsToldOfAlsoWhenTheDialogueDecides)
{
    const Flow flow = begun(call_to("999", "pin"));
    flow->silence();
    flow->digits(code("1"));
    auto nak = result(Status::nak);
    nak->elapsed = std::chrono::milliseconds(7);
    flow->webhook_answered(std::move(nak));
    const Answer& answer = std::get<Answer>(flow->next());
    EXPECT_EQ(answer.result->decision.reason(), Reason::ivr_attempts);
    EXPECT_EQ(answer.result->elapsed, std::chrono::milliseconds(7));
}

// ---- A configuration that has changed, and engines that send what was not asked for

TEST(CallFlow, GoesOnInTheConfigurationThatIsInUseByThen)
{
    const std::string state = begun(call_to("200"))->state();
    const auto changed = [](std::string_view from, std::string_view to) {
        return snapshot_of(std::string(yaml).replace(yaml.find(from), from.size(), to));
    };
    const ContinueRequest request{.state = state, .code = {}};
    EXPECT_EQ(next(resumed(request, changed("start_message: start", "start_message: hello"))), "collect 1 after hello");
    EXPECT_EQ(fault_of(CallFlow::resume(request, changed("\"200\":", "\"201\":"))),
              "-32002 the dialplan of this call is gone: \"200\"");
    EXPECT_EQ(fault_of(CallFlow::resume(request, changed("webhook: pin", "webhook: crm"))),
              "-32003 the dialplan's webhook step changed since this state was made");

    const std::string asked = begun(call_to("999", "pin"))->state();
    const auto without_pin = snapshot_of("webhooks: { other: { url: \"http://crm.lan/\" } }");
    const auto gone = CallFlow::resume({.state = asked, .code = "1"}, without_pin);
    ASSERT_EQ(fault_of(gone), "-32001 the webhook of this call is gone: \"pin\"");
    EXPECT_EQ(gone.error().about->did, "999");

    const auto without_ivr = snapshot_of("webhooks: { pin: { url: \"http://crm.lan/\" } }");
    const auto lost = CallFlow::resume({.state = asked, .code = "1"}, without_ivr);
    ASSERT_EQ(fault_of(lost), "-32003 the webhook lost its ivr since this state was made");
    EXPECT_EQ(lost.error().about->webhook, "pin") << "the log names the call";
}

TEST(CallFlow, RefusesWhatWasNotAskedFor)
{
    const std::string steps = begun(call_to("200"))->state();
    const std::string question = begun(call_to("999", "pin"))->state();
    struct
    {
        ContinueRequest request;
        const char* fault;
    } const cases[] = {
        {{steps, "1", false}, "-32602 no code was asked for; send state alone when the steps are done"},
        {{steps, {}, true}, "-32602 no code was asked for; send state alone when the steps are done"},
        {{question, {}, false}, "-32602 a code was asked for; send either code, or timeout: true"},
        {{question, "1", true}, "-32602 a code was asked for; send either code, or timeout: true"},
        {{question, "x7", false}, "-32602 code must hold nothing but digits, *, # and A to D"},
        {{question, "98765", false}, "-32602 code must be at most max_digits keys long, 4"},
        {{"dh0.x", {}, false}, "-32003 state was made by another version of the daemon; ask again with call.route"},
    };
    for (const auto& [request, fault] : cases)
        EXPECT_EQ(fault_of(CallFlow::resume(request, snapshot())), fault);
}

TEST(CallFlow, AnAnswerOfADryRunIsWhatTheWebServerSaid)
{
    const dispatch::ResolvedWebhook* const pin = snapshot()->find("pin");
    const auto flow = CallFlow::answered(snapshot(), *pin, call_to("999").call, true, result(Status::nak));
    EXPECT_EQ(next(flow), "route failure nak as VoysTelecom") << "no further question";
    EXPECT_TRUE(flow.explains());
}

} // namespace
} // namespace dialhook::flow
