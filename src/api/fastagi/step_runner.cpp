#include "api/fastagi/step_runner.hpp"

#include "api/fastagi/command.hpp"

#include <utility>

namespace dialhook::fastagi {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds max_application = 24h; // a conversation is one application

} // namespace

net::Awaitable<bool> StepRunner::run(const std::vector<dialplan::ResolvedStep>& steps, bool are_last)
{
    for (std::size_t at = 0; at < steps.size() && !channel_.is_gone(); ++at) {
        const bool is_last = are_last && at + 1 == steps.size();
        const bool goes_on = co_await run_step(steps[at], is_last);
        if (!goes_on)
            co_return false;
    }
    co_return true;
}

/// What follows the plan's last application is Asterisk's, also without us.
net::Awaitable<void> StepRunner::begin_last()
{
    in_last_step_ = true;
    co_await say_done();
}

net::Awaitable<void> StepRunner::say_done()
{
    if (!std::exchange(is_done_, true))
        co_await variables_.set("DIALHOOK_DONE", "1");
}

/// Returns false when Asterisk wants to be rid of the channel after the step.
net::Awaitable<bool> StepRunner::run_step(const dialplan::ResolvedStep& step, bool is_last)
{
    if (const auto* group = std::get_if<dialplan::DialGroup>(&step))
        co_return co_await dial_group(*group, is_last);
    if (is_last)
        co_await begin_last();
    if (const auto* name = std::get_if<dialplan::ShowCallerName>(&step)) {
        co_await variables_.change_name(name->name);
        co_return true;
    }
    const auto* const dial = std::get_if<dialplan::DialDestination>(&step);
    const auto* const engine_step = dial == nullptr ? std::get<const dialplan::EngineStep*>(step) : nullptr;
    const auto application =
        dial != nullptr ? application_of(*dial, settings_) : application_of(*engine_step, settings_);
    const std::string_view shown = dial != nullptr ? std::string_view(dial->destination) : engine_step->json;
    if (!application) {
        co_await leave_out(shown, application.error().why);
        co_return true;
    }
    co_return co_await run_application(*application, shown);
}

/// Returns false when one of the targets connected the call, or the caller is gone.
net::Awaitable<bool> StepRunner::dial_group(const dialplan::DialGroup& group, bool is_last)
{
    std::string shown = "dial";
    for (const std::string& target : group.to)
        shown += ' ' + target;
    const GroupDials dials = applications_of(group, settings_);
    for (const GroupDials::LeftOutTarget& left_out : dials.left_out) {
        const std::string step = "dial " + left_out.target;
        co_await leave_out(step, left_out.why);
    }
    for (const Application& dial : dials.in_turn) {
        if (channel_.is_gone())
            co_return false;
        if (is_last && &dial == &dials.in_turn.back())
            co_await begin_last();
        const bool goes_on = co_await run_application(dial, shown);
        if (!goes_on)
            co_return false;
    }
    co_return true;
}

/// Returns false when Asterisk wants to be rid of the channel after it. `shown`: the step, for people.
net::Awaitable<bool> StepRunner::run_application(const Application& application, std::string_view shown)
{
    const auto exec = command::exec(application.name, application.arguments);
    if (!exec) {
        co_await leave_out(shown, "with its arguments it exceeds the 2,047 bytes that Asterisk reads");
        co_return true;
    }
    if (application.needs_answer) {
        const AgiReply answered = co_await channel_.command(command::answer(), at_once);
        if (application.name.empty() || answered.failed())
            co_return !answered.failed();
    }
    may_ring_ = application.name == "Dial" || application.name == "Queue";
    if (may_ring_ && sessions_.is_draining()) {
        co_await channel_.leave_with(*exec);
        co_return false;
    }
    const AgiReply reply = co_await channel_.command(*exec, max_application);
    may_ring_ = false;
    if (reply.result == "-2")
        log_.write_summed(log::Level::error, "Asterisk has no such application; load its module",
                          call_.did + ' ' + application.name,
                          {{"application", application.name},
                           {"did", sessions_.services().shown(call_.did)},
                           {"call_id", call_.call_id}});
    // Dial and Queue say -1 after a conversation, and so does whatever ended the call or handed it over.
    co_return reply.code != 511 && reply.result != "-1";
}

net::Awaitable<void> StepRunner::leave_out(std::string_view step, std::string_view why)
{
    const api::WorkerServices& services = sessions_.services();
    log_.write_summed(log::Level::error, "a step was left out", call_.did + ' ' + std::string(step),
                      {{"step", services.shown(step)},
                       {"did", services.shown(call_.did)},
                       {"call_id", call_.call_id},
                       {"detail", why}});
    co_await channel_.command(command::verbose("dialhook left out " + std::string(step) + ": " + std::string(why)),
                              at_once);
}

} // namespace dialhook::fastagi
