#include <dialhook/dispatch/decision_log.hpp>

#include <boost/container/static_vector.hpp>

namespace dialhook::dispatch {
namespace {

/// The fields of one line; those without a value are left out.
using Fields = boost::container::static_vector<log::Field, 16>;

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

/// A web server's no is daily business; that it could not be asked is not.
log::Level level_of(const Decision& decision)
{
    const auto reason = decision.reason();
    const bool was_answered = !reason || reason == Reason::nak || reason == Reason::err;
    return was_answered ? log::Level::info : log::Level::warning;
}

double milliseconds(std::chrono::steady_clock::duration duration)
{
    return std::chrono::duration<double, std::milli>(duration).count();
}

} // namespace

void log_decision(log::Log& log, const config::ServerSettings& settings, const Call& call, const Webhook& webhook,
                  const Fired& fired)
{
    const Decision& decision = fired.decision;
    const log::Level level = level_of(decision);
    if (!is_wanted(settings.log.decisions, decision.branch()) || !log.wants(level))
        return;
    const auto masked = [&](std::string_view text) { return settings.redact && !text.empty() ? "***" : text; };

    Fields fields;
    add_text(fields, "call_id", call.call_id.view());
    fields.push_back({"webhook", webhook.name.str()});
    fields.push_back({"did", masked(call.did.view())});
    add_text(fields, "callerid", masked(call.callerid.view()));
    add_text(fields, "callername", masked(decision.callername.empty() ? call.callername.view() : decision.callername));
    fields.push_back({"branch", to_string(decision.branch())});
    if (decision.reason())
        fields.push_back({"reason", to_string(*decision.reason())});
    if (decision.status)
        fields.push_back({"status", to_string(*decision.status)});
    if (decision.http_status)
        fields.push_back({"http_status", *decision.http_status});
    if (decision.destination)
        fields.push_back({"destination", masked(decision.destination->str())});
    if (fired.redirects != 0)
        fields.push_back({"redirects", fired.redirects});
    fields.push_back({"elapsed_ms", log::Decimal{milliseconds(fired.elapsed), 1}});
    add_text(fields, "detail", decision.detail);
    log.write(level, "decision", fields);
}

} // namespace dialhook::dispatch
