#include "events/ledger.hpp"

#include <utility>

namespace dialhook::events {
namespace {

template <typename Text>
void learn_text(Text& known, const Text& said)
{
    if (!said.empty())
        known = said;
}

template <typename Value>
void learn_value(std::optional<Value>& known, const std::optional<Value>& said)
{
    if (said)
        known = said;
}

void learn_vars(CallVars& known, const CallVars& said)
{
    for (const CallVar& var : said) {
        set_var(known, var.name, var.value);
        if (known.size() > max_call_vars)
            std::erase_if(known, [&](const CallVar& other) { return other.name == var.name; });
    }
}

/// Learns what a call begins with.
void learn_beginning(Facts& known, const Facts& said)
{
    learn_value(known.direction, said.direction);
    learn_text(known.did, said.did);
    learn_text(known.callerid, said.callerid);
    learn_text(known.callername, said.callername);
    learn_value(known.presentation, said.presentation);
    learn_vars(known.vars, said.vars);
}

/// Learns what comes of it, but for its end.
void learn_course(Facts& known, const Facts& said)
{
    learn_text(known.targets, said.targets);
    if (known.targets.size() > max_targets)
        known.targets.resize(max_targets);
    learn_text(known.answered_by, said.answered_by);
    learn_text(known.transferred_by, said.transferred_by);
    learn_value(known.transfer, said.transfer);
}

/// A question of the call says what nobody else did: an engine's own word counts for more.
void learn_implied(Facts& known, const Facts& said)
{
    Facts facts;
    learn_beginning(facts, said);
    learn_beginning(facts, known);
    learn_beginning(known, facts);
}

/// Who calls is learned as a whole: in a later event the channel may show what a webhook left there.
void learn_shown(Facts& known, const Facts& shown)
{
    Facts facts = shown;
    if (known.presentation) {
        facts.callerid = {};
        facts.callername = {};
    }
    learn_implied(known, facts);
}

class Entry
{
public:
    Entry(CallRecord& record, const CallId& call_id, std::chrono::system_clock::time_point at)
        : record_(record)
        , call_id_(call_id)
        , at_(at)
    {
    }

    CallEvent add(Kind kind) { return {call_id_, ++record_.seq, kind, at_, record_.facts}; }

    CallEvent end(EndReason reason)
    {
        record_.facts.reason = reason;
        CallEvent ended = add(Kind::ended);
        record_.facts = {}; // no further event has them
        record_.first_did = {};
        record_.has_ended = true;
        return ended;
    }

private:
    CallRecord& record_;
    const CallId& call_id_;
    std::chrono::system_clock::time_point at_;
};

} // namespace

LedgerEntry enter(CallRecord& record, const Report& report, std::chrono::system_clock::time_point now)
{
    LedgerEntry entered;
    if (record.has_ended) {
        entered.is_late = true;
        return entered;
    }
    Entry entry(record, report.call_id, report.at.value_or(now));
    learn_shown(record.facts, report.shown);
    if (report.is_implied)
        learn_implied(record.facts, report.facts);
    else
        learn_beginning(record.facts, report.facts);

    const bool is_first = record.seq == 0;
    if (is_first)
        record.first_did = record.facts.did;
    entered.first_did = record.first_did;
    if (is_first && report.kind != Kind::created)
        entered.events.push_back(entry.add(Kind::created));
    learn_course(record.facts, report.facts);
    if (report.kind == Kind::ended)
        entered.events.push_back(entry.end(report.facts.reason.value_or(EndReason::unknown)));
    else if (is_first || report.kind != Kind::created)
        entered.events.push_back(entry.add(report.kind));
    return entered;
}

CallEvent end_in_silence(CallRecord& record, const CallId& call_id, std::chrono::system_clock::time_point now)
{
    return Entry(record, call_id, now).end(EndReason::unknown);
}

} // namespace dialhook::events
