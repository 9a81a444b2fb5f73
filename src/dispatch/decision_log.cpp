#include "dispatch/hint.hpp"

#include <dialhook/dispatch/decision_log.hpp>

#include <boost/container/static_vector.hpp>

#include <array>
#include <string>

namespace dialhook::dispatch {
namespace {

/// The fields of one line; those without a value are left out.
using Fields = boost::container::static_vector<log::Field, 28>;

void add_text(Fields& fields, log::Key key, std::string_view text)
{
    if (!text.empty())
        fields.push_back({key, text});
}

bool is_wanted(config::LogDecisions wanted, Branch branch)
{
    return wanted == config::LogDecisions::all ||
           (wanted == config::LogDecisions::failures && branch == Branch::failure);
}

/// A web server's no and a silent caller are daily business; that nobody could be asked is not.
log::Level level_of(const Decision& decision)
{
    const auto reason = decision.reason();
    const bool was_answered = !reason || reason == Reason::nak || reason == Reason::err ||
                              reason == Reason::ivr_attempts || reason == Reason::ivr_timeout;
    return was_answered ? log::Level::info : log::Level::warning;
}

double milliseconds(std::chrono::steady_clock::duration duration)
{
    return std::chrono::duration<double, std::milli>(duration).count();
}

/// Those that happened: on a connection that was open before, there is no `connect`.
void add_phases(Fields& fields, const net::Timing& timing)
{
    constexpr std::array<log::Key, net::phase_names.size()> keys{"dns_ms",  "connect_ms", "tls_ms",
                                                                 "send_ms", "wait_ms",    "read_ms"};
    for (std::size_t phase = 0; phase < keys.size(); ++phase)
        if (const auto spent = timing[static_cast<net::Phase>(phase)]; spent.count() != 0)
            fields.push_back({keys[phase], log::Decimal{milliseconds(spent), 1}});
}

void add_outcome(Fields& fields, const Fired& fired)
{
    const Decision& decision = fired.decision;
    fields.push_back({"branch", to_string(decision.branch())});
    if (decision.reason())
        fields.push_back({"reason", to_string(*decision.reason())});
    if (decision.status)
        fields.push_back({"status", to_string(*decision.status)});
    if (decision.http_status)
        fields.push_back({"http_status", *decision.http_status});
}

/// A webhook that nobody could be asked for, whatever `decisions` says: each reason in full once, then summed up.
void warn_of_webhook(log::Log& log, std::string_view webhook, const Decision& decision)
{
    const std::string_view reason = to_string(*decision.reason());
    const std::string_view hint = hint_for(*decision.reason());
    if (hint.empty())
        return;
    std::string kind(webhook);
    kind.append(1, ' ').append(reason);
    log.write_summed(log::Level::warning, "a webhook fails", kind,
                     {{"webhook", webhook}, {"reason", reason}, {"detail", decision.detail}, {"hint", hint}});
}

} // namespace

void log_decision(log::Log& log, const config::ServerSettings& settings, const RoutedCall& routed)
{
    const Decision* const decision = routed.fired == nullptr ? nullptr : &routed.fired->decision;
    const log::Level level = decision == nullptr ? log::Level::info : level_of(*decision);
    if (level == log::Level::warning)
        warn_of_webhook(log, routed.webhook, *decision);
    const Branch branch = decision == nullptr ? Branch::success : decision->branch();
    if (!is_wanted(settings.log.decisions, branch) || !log.wants(level))
        return;
    const auto masked = [&](std::string_view text) { return settings.redact && !text.empty() ? "***" : text; };

    const Trace& trace =
        routed.fired != nullptr && routed.fired->trace.is_known() ? routed.fired->trace : routed.call.trace;
    const auto trace_text = trace_id(trace);
    Fields fields;
    add_text(fields, "call_id", routed.call.call_id.view());
    if (trace.is_known())
        fields.push_back({"trace_id", std::string_view(trace_text.data(), trace_text.size())});
    add_text(fields, "dialplan", masked(routed.dialplan));
    add_text(fields, "webhook", routed.webhook);
    fields.push_back({"did", masked(routed.call.did.view())});
    add_text(fields, "callerid", masked(routed.call.callerid.view()));
    add_text(fields, "callername", masked(routed.callername));
    if (decision != nullptr) {
        add_outcome(fields, *routed.fired);
        if (decision->destination)
            fields.push_back({"destination", masked(decision->destination->str())});
        if (routed.fired->redirects != 0)
            fields.push_back({"redirects", routed.fired->redirects});
        if (routed.fired->retries != 0)
            fields.push_back({"retries", routed.fired->retries});
        if (decision->source > Source::url)
            fields.push_back({"source", to_string(decision->source)});
        fields.push_back({"elapsed_ms", log::Decimal{milliseconds(routed.fired->elapsed), 1}});
        add_phases(fields, routed.fired->timing);
        add_text(fields, "detail", decision->detail);
    }
    log.write(level, "decision", fields);
}

} // namespace dialhook::dispatch
