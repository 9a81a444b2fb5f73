#include "api/worker_services.hpp"

#include <utility>

namespace dialhook::api {

void WorkerServices::conclude(const flow::CallFlow& flow, const flow::Answer& answer) const
{
    if (answer.asks_in_background)
        spool.send_later(flow.webhook()->webhook->name, flow.call());
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

std::string_view WorkerServices::shown(std::string_view text) const
{
    return snapshot->configuration().server.redact && !text.empty() ? "***" : text;
}

void WorkerServices::report(events::Report report, spool::StoredFunction done) const
{
    keep_declared(report.facts.vars, snapshot->configuration().vars);
    const auto back_here = [this, about = api::about(report), done = std::move(done)](spool::Stored stored,
                                                                                      const std::string& why) {
        if (stored == spool::Stored::failed)
            refuse("event not stored", RpcError::not_stored, why, about);
        done(stored, why);
    };
    spool.report(std::move(report), [mailbox = mailbox, back_here](spool::Stored stored, std::string why) {
        mailbox->post([back_here, stored, why = std::move(why)] { back_here(stored, why); });
    });
}

void WorkerServices::imply_created(const Call& call) const
{
    auto call_id = events::CallId::from(call.call_id.view());
    if (!call_id)
        return; // it could not be told from others
    events::Report report{.call_id = *std::move(call_id), .kind = events::Kind::created, .at = {}, .facts = {}};
    report.is_implied = true;
    report.facts.direction = events::Direction::inbound;
    report.facts.did.assign(call.did.view());
    report.facts.callerid = call.callerid;
    report.facts.callername = call.callername;
    report.facts.presentation = call.presentation;
    report.facts.vars = call.vars;
    keep_declared(report.facts.vars, snapshot->configuration().vars);
    spool.report(std::move(report), {});
}

dispatch::Refused about(const events::Report& report)
{
    dispatch::Refused about;
    about.did = dispatch::Refused::cut(report.did().view());
    about.call_id = dispatch::Refused::cut(report.call_id.view());
    return about;
}

flow::RequestFault not_stored(std::string_view why, dispatch::Refused about)
{
    return {RpcError::not_stored, "the event was not stored: " + std::string(why),
            std::make_shared<dispatch::Refused>(std::move(about))};
}

} // namespace dialhook::api
