#include "dialplan/resolve.hpp"

#include "base/text.hpp"
#include "call/call.hpp"

#include <utility>

namespace dialhook::dialplan {
namespace {

/// Follows the steps one by one.
class StepResolver
{
public:
    StepResolver(std::string_view callername, const Decision* decision)
        : decision_(decision)
    {
        resolved_.callername = text::without_controls(std::string(callername));
    }

    void operator()(const NameFromWebhook&)
    {
        const bool has_name = decision_ != nullptr && !decision_->callername.empty();
        show(has_name ? decision_->callername : resolved_.callername);
    }
    void operator()(const NamePrefix& step) { show(step.prefix + resolved_.callername); }
    void operator()(const NameReplacement& step) { show(step.name); }
    void operator()(const Dial& step) { resolved_.steps.emplace_back(DialDestination{step.destination}); }
    void operator()(const DialGroup& step) { resolved_.steps.emplace_back(step); }
    void operator()(const DialVariable& step)
    {
        // Without a destination there is no success, so this step is not reached.
        if (decision_ == nullptr || !decision_->destination)
            return;
        if (decision_->ringing == nullptr && !step.ring)
            resolved_.steps.emplace_back(DialDestination{decision_->destination->str()});
        else
            resolved_.steps.emplace_back(group_of(*decision_, step.ring));
    }
    void operator()(const EngineStep& step) { resolved_.steps.emplace_back(&step); }

    Resolved resolved() && { return std::move(resolved_); }

private:
    /// The time that a reply gives is about this call, that of a step about all calls.
    static DialGroup group_of(const Decision& decision, std::optional<std::chrono::seconds> otherwise)
    {
        DialGroup group{{}, RingStrategy::parallel, otherwise};
        if (decision.ringing != nullptr) {
            group.strategy = decision.ringing->strategy;
            if (decision.ringing->ring)
                group.ring = decision.ringing->ring;
            for (const Destination& destination : decision.ringing->destinations)
                group.to.push_back(destination.str());
        }
        if (group.to.empty())
            group.to.push_back(decision.destination->str());
        return group;
    }

    void show(const std::string& name)
    {
        resolved_.callername = text::first_bytes(name, CallerName::max_bytes);
        resolved_.steps.emplace_back(ShowCallerName{resolved_.callername});
    }

    const Decision* decision_;
    Resolved resolved_;
};

} // namespace

Resolved resolve(const Steps& steps, std::string_view callername, const Decision* decision)
{
    StepResolver resolver(callername, decision);
    for (const Step& step : steps)
        std::visit(resolver, step);
    return std::move(resolver).resolved();
}

std::string name_before_branch(const Steps& steps, const Call& call)
{
    if (call.presentation == Presentation::allowed)
        return call.callername.str();
    return resolve(steps, {}, nullptr).callername;
}

} // namespace dialhook::dialplan
