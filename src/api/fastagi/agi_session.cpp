#include "api/fastagi/agi_session.hpp"

#include "api/fastagi/command.hpp"
#include "api/fastagi/event_script.hpp"
#include "api/fastagi/script.hpp"

#include <exception>
#include <utility>
#include <variant>

namespace dialhook::fastagi {
namespace {

/// Returns an id that no other channel has, not even another Asterisk's.
std::string channel_id(std::string_view unique_id, std::string_view name)
{
    return std::string(unique_id).append(1, '\n').append(name);
}

/// Restores what the channel shows as it came, before a question changed it. Another channel's call shows nothing.
void take_back(events::Facts& shown, const AskedChannel& asked)
{
    if (shown.presentation)
        asked.take_back(shown.callerid, shown.callername, *shown.presentation);
}

} // namespace

AgiSession::AgiSession(AgiSessions& sessions, net::TcpSocket socket)
    : sessions_(sessions)
    , services_(sessions.services())
    , snapshot_(services_.snapshot)
    , channel_(std::move(socket), services_.wheel)
    , variables_(channel_, sessions.asked_channels())
    , steps_(channel_, variables_, snapshot_->configuration().asterisk, call_, sessions)
{
}

net::Awaitable<void> AgiSession::run(std::shared_ptr<AgiSession> self)
{
    try {
        co_await serve();
    } catch (const std::exception& error) { // memory that runs out ends this call's help, not the others'
        services_.log.write(log::Level::error, "unexpected exception in a FastAGI session", {{"detail", error.what()}});
    }
    if (const auto fault = channel_.fault(); !fault.empty())
        services_.log.write_summed(
            log::Level::warning, "FastAGI session ended early", fault,
            {{"call_id", call_.call_id}, {"did", services_.shown(call_.did)}, {"detail", fault}});
    variables_.remember();
    channel_.close(); // from here on the channel may ask again
    sessions_.forget(self);
}

net::Awaitable<void> AgiSession::serve()
{
    auto environment = co_await channel_.environment(at_once);
    if (!environment)
        co_return;
    if (says_event(*environment)) {
        co_await say_event(*environment);
        co_return;
    }
    auto script = read_script(*environment);
    environment.reset(); // a channel may stay for hours
    if (!script) {
        co_await refuse(RpcError::invalid_params, script.error().why, script.error());
        co_return;
    }
    Call& call = script->call;
    call_ = {call.did.str(), call.call_id.str()};
    variables_.take_back(call, channel_id(call_.call_id, script->channel));
    if (services_.tells_events)
        services_.imply_created(call);
    auto begun = flow::CallFlow::begin({.call = std::move(call), .webhook = std::move(script->webhook)}, snapshot_);
    if (begun)
        co_await drive(**begun);
    else
        co_await refuse(begun.error().code, begun.error().message, *begun.error().about);
}

net::Awaitable<void> AgiSession::drive(flow::CallFlow& flow)
{
    const bool follows_dialplan = flow.dialplan() != nullptr;
    if (follows_dialplan)
        co_await variables_.begin_dialplan(flow.dialplan_key());
    while (true) {
        if (const auto* run = std::get_if<flow::Run>(&flow.next()))
            co_await run_front(flow, *run);
        else if (const auto* question = std::get_if<flow::Collect>(&flow.next()))
            co_await collect(flow, question->play);
        else if (std::holds_alternative<flow::Ask>(flow.next()))
            co_await ask(flow);
        else
            break;
    }
    if (const auto* answer = std::get_if<flow::Answer>(&flow.next()))
        co_await take(flow, *answer);
    if (follows_dialplan)
        co_await steps_.say_done();
}

net::Awaitable<void> AgiSession::run_front(flow::CallFlow& flow, const flow::Run& run)
{
    co_await variables_.forget_question();
    co_await variables_.show(flow.call(), flow.webhook()->webhook->callerid, variables_.own_name());
    const bool goes_on = co_await steps_.run(run.front.steps, false);
    if (goes_on && !channel_.is_gone())
        flow.steps_done();
    else
        flow.ended();
}

net::Awaitable<void> AgiSession::collect(flow::CallFlow& flow, std::string_view message)
{
    if (!digits_) {
        co_await channel_.command(command::answer(), at_once);
        digits_.emplace(channel_, *flow.webhook()->webhook->ivr, services_.log);
    }
    Entered entered = co_await digits_->ask(message);
    if (entered.how == Entered::How::code)
        flow.digits(std::move(entered.code));
    else if (entered.how == Entered::How::silence)
        flow.silence();
    else
        flow.ended();
}

net::Awaitable<void> AgiSession::ask(flow::CallFlow& flow)
{
    if (channel_.is_gone()) {
        flow.ended();
        co_return;
    }
    net::Cancellation cancellation;
    const Channel::Watch watch(channel_, cancellation);
    cancellation_ = &cancellation;
    services_.metrics.in_flight.add();
    auto result = co_await services_.dispatcher.dispatch(*flow.snapshot(), *flow.webhook(), flow.dispatch_request(),
                                                         cancellation);
    services_.metrics.in_flight.subtract();
    cancellation_ = nullptr;
    if (cancellation.reason() == net::CancelReason::abandoned) { // the caller hung up meanwhile
        services_.metrics.abandoned.add();
        flow.ended();
    } else {
        flow.webhook_answered(std::move(result));
    }
}

net::Awaitable<void> AgiSession::take(const flow::CallFlow& flow, const flow::Answer& answer)
{
    services_.conclude(flow, answer);
    if (answer.result != nullptr) {
        co_await variables_.set_decision(answer.result->decision, flow.call(), flow.webhook()->webhook->callerid,
                                         flow.callername(answer));
        if (!answer.play.empty() && !channel_.is_gone())
            co_await play(channel_, answer.play, services_.log);
    } else {
        co_await variables_.forget_question();
        if (!answer.branch.steps.empty())
            co_await variables_.show(flow.call(), ForwardedNumber::caller, variables_.own_name());
    }
    co_await steps_.run(answer.branch.steps, true);
}

/// Works on a channel that is hung up as well, where Asterisk still lets variables be set.
net::Awaitable<void> AgiSession::say_event(const AgiEnvironment& environment)
{
    auto said = read_event_script(environment);
    bool stored = false;
    if (said) {
        events::Report& report = *said;
        call_ = {report.did().str(), report.call_id.str()};
        const auto asked = sessions_.asked_channels().find(
            channel_id(environment.value("agi_uniqueid"), environment.value("agi_channel")));
        if (asked)
            take_back(report.shown, *asked);
        stored = co_await is_stored(std::move(report));
    } else {
        const std::string sentence = "dialhook: " + said.error().why;
        services_.refuse("FastAGI request refused", RpcError::invalid_params, said.error().why, said.error());
        co_await channel_.command(command::verbose(sentence), at_once);
    }
    const std::string_view answer = stored ? "yes" : "no";
    co_await channel_.command(command::set_variable("DIALHOOK_STORED", answer), at_once);
}

/// Returns false too if the disk takes longer than a caller would notice, whether it takes the event in the end or not.
net::Awaitable<bool> AgiSession::is_stored(events::Report report)
{
    net::Cancellation cancellation;
    const net::Deadline deadline(services_.wheel, cancellation, net::Clock::now() + at_once);
    const net::OnCancel on_cancel(cancellation, [this] { stored_is_known_.set(); });
    cancellation_ = &cancellation;
    services_.report(std::move(report), [session = weak_from_this()](spool::Stored stored, const std::string&) {
        if (const auto alive = session.lock()) {
            alive->stored_ = stored;
            alive->stored_is_known_.set();
        }
    });
    while (!stored_ && !cancellation.requested())
        co_await stored_is_known_.wait();
    cancellation_ = nullptr;
    co_return stored_&&* stored_ != spool::Stored::failed;
}

/// Asterisk's own dialplan goes on, and finds no branch, nor anything that an earlier question left.
net::Awaitable<void> AgiSession::refuse(RpcError code, std::string_view why, const dispatch::Refused& about)
{
    std::string sentence("dialhook: ");
    sentence += why;
    sentence += services_.refuse("FastAGI request refused", code, why, about);
    co_await variables_.forget_question();
    co_await channel_.command(command::verbose(sentence), at_once);
}

void AgiSession::drain()
{
    if (steps_.can_be_left())
        close();
}

void AgiSession::cancel_calls(net::CancelReason reason)
{
    if (cancellation_ != nullptr)
        cancellation_->request(reason);
}

} // namespace dialhook::fastagi
