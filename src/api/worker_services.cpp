#include "api/worker_services.hpp"

#include <utility>

namespace dialhook::api {

void WorkerServices::conclude(const flow::CallFlow& flow, const flow::Answer& answer) const
{
    if (answer.asks_in_background)
        background.dispatch(flow.snapshot(), *flow.webhook(), flow.call());
    decisions.take(*flow.snapshot(), flow.webhook(),
                   {.call = flow.call(),
                    .dialplan = flow.dialplan_key(),
                    .webhook = flow.webhook_name(),
                    .callername = flow.callername(answer),
                    .result = answer.result.get()});
}

std::string WorkerServices::refuse(std::string_view message, RpcError code, std::string_view why,
                                   dispatch::Refused about) const
{
    about.code = number_of(code);
    about.why = why;
    return decisions.take_refusal(snapshot, message, about);
}

} // namespace dialhook::api
