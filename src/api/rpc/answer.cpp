#include "api/rpc/answer.hpp"

#include "base/appender.hpp"
#include "base/json_text.hpp"
#include "base/text.hpp"

#include <array>
#include <charconv>
#include <chrono>
#include <optional>

namespace dialhook::rpc {
namespace {

/// An ordinary answer is shorter.
constexpr std::size_t usual_size = 512;

void append_integer(Appender& out, long long value)
{
    std::array<char, 24> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    out += std::string_view(digits.data(), static_cast<std::size_t>(end - digits.data()));
}

/// Milliseconds with one decimal: `12.4`.
void append_milliseconds(Appender& out, std::chrono::steady_clock::duration duration)
{
    const long long tenths = std::chrono::duration_cast<std::chrono::microseconds>(duration).count() / 100;
    append_integer(out, tenths / 10);
    out += '.';
    out += static_cast<char>('0' + tenths % 10);
}

/// What a caller chose goes to displays and dialplans: without control characters.
void append_shown_or_null(Appender& out, std::string_view text)
{
    const bool needs_cleaning = text::has_controls(text);
    const std::string cleaned = needs_cleaning ? text::without_controls(std::string(text)) : std::string();
    const std::string_view shown = needs_cleaning ? cleaned : text;
    if (shown.empty())
        out += "null";
    else
        append_json_string(out, shown);
}

void append_text_or_null(Appender& out, std::string_view text)
{
    if (text.empty())
        out += "null";
    else
        append_json_string(out, text);
}

template <class Word>
void append_word_or_null(Appender& out, const std::optional<Word>& word)
{
    append_text_or_null(out, word ? to_string(*word) : std::string_view());
}

void append_head(Appender& out, std::string_view id)
{
    out += R"({"jsonrpc":"2.0","id":)";
    out += id;
}

/// Returns the number that the recipient of the call sees.
ForwardedCallerId forwarded(const Call& call, ForwardedNumber number)
{
    switch (number) {
    case ForwardedNumber::caller:
        return {call.callerid.view(), call.presentation};
    case ForwardedNumber::called:
        return {call.did.view(), Presentation::allowed};
    case ForwardedNumber::suppressed:
        return {call.callerid.view(), Presentation::prohibited};
    }
    return {call.callerid.view(), Presentation::prohibited};
}

void append_callerid(Appender& out, const ForwardedCallerId& callerid)
{
    out += R"(,"callerid":{"number":)";
    append_shown_or_null(out, callerid.number);
    out += R"(,"presentation":)";
    append_text_or_null(out, to_string(callerid.presentation));
    out += '}';
}

void append_variables(Appender& out, const Variables& variables)
{
    out += R"(,"variables":{)";
    for (bool is_first = true; const auto& [name, value] : variables) {
        if (!std::exchange(is_first, false))
            out += ',';
        append_json_string(out, name);
        out += ':';
        append_json_string(out, value);
    }
    out += '}';
}

void append_http_status(Appender& out, std::optional<int> status)
{
    out += R"(,"http_status":)";
    if (status)
        append_integer(out, *status);
    else
        out += "null";
}

void append_attempt(Appender& out, const dispatch::AttemptReport& one)
{
    out += R"({"url":)";
    append_json_string(out, to_string(one.url));
    out += R"(,"reason":)";
    append_word_or_null(out, one.reason);
    out += R"(,"detail":)";
    append_text_or_null(out, one.detail);
    append_http_status(out, one.http_status);
    out += R"(,"redirects":)";
    append_integer(out, one.redirects);
    out += R"(,"elapsed_ms":)";
    append_milliseconds(out, one.elapsed);
    out += '}';
}

/// Appends `timing` by phase with the pauses between attempts, and the `tries`: which URL was asked, what came of it,
/// and how long it took.
void append_explanation(Appender& out, const dispatch::DispatchResult& result)
{
    out += R"(,"timing":{)";
    for (std::size_t index = 0; index < net::phase_names.size(); ++index) {
        out += "\"";
        out += net::phase_names[index];
        out += "\":";
        append_milliseconds(out, result.timing[static_cast<net::Phase>(index)]);
        out += ',';
    }
    out += R"("retries":)";
    append_milliseconds(out, result.pauses);
    out += R"(},"tries":[)";
    for (bool is_first = true; const dispatch::AttemptReport& one : result.attempts) {
        if (!std::exchange(is_first, false))
            out += ',';
        append_attempt(out, one);
    }
    out += ']';
}

template <class Item, class Text>
void append_list(Appender& out, const std::vector<Item>& items, Text text_of)
{
    out += '[';
    for (bool is_first = true; const Item& item : items) {
        if (!std::exchange(is_first, false))
            out += ',';
        append_json_string(out, text_of(item));
    }
    out += ']';
}

void append_ringing(Appender& out, RingStrategy strategy, std::optional<std::chrono::seconds> ring)
{
    out += R"(,"strategy":)";
    append_json_string(out, to_string(strategy));
    out += R"(,"ring_s":)";
    if (ring)
        append_integer(out, ring->count());
    else
        out += "null";
}

/// Appends several destinations, or one that has a ring time.
void append_destinations(Appender& out, const Decision& decision)
{
    const auto text_of = [](const Destination& destination) -> std::string_view { return destination.str(); };
    out += R"(,"destinations":)";
    if (decision.ringing->destinations.empty())
        append_list(out, std::vector{*decision.destination}, text_of);
    else
        append_list(out, decision.ringing->destinations, text_of);
    append_ringing(out, decision.ringing->strategy, decision.ringing->ring);
}

/// Appends each step as the object that an engine runs.
struct StepWriter
{
    Appender& out;

    void operator()(const dialplan::ShowCallerName& step) const { append("callername", step.name); }
    void operator()(const dialplan::DialDestination& step) const { append("dial", step.destination); }
    void operator()(const dialplan::DialGroup& step) const
    {
        out += R"({"dial":{"to":)";
        append_list(out, step.to, [](const std::string& target) -> std::string_view { return target; });
        append_ringing(out, step.strategy, step.ring);
        out += "}}";
    }
    void operator()(const dialplan::EngineStep* step) const { out += step->json; }

private:
    void append(std::string_view name, std::string_view value) const
    {
        out += "{\"";
        out += name;
        out += "\":";
        append_json_string(out, value);
        out += '}';
    }
};

void append_steps(Appender& out, const std::vector<dialplan::ResolvedStep>& steps)
{
    out += R"(,"steps":[)";
    for (bool is_first = true; const auto& step : steps) {
        if (!std::exchange(is_first, false))
            out += ',';
        std::visit(StepWriter{out}, step);
    }
    out += ']';
}

void append_run(Appender& out, const flow::CallFlow& flow, const flow::Run& run)
{
    out += R"("action":"run")";
    append_steps(out, run.front.steps);
    append_callerid(out, forwarded(flow.call(), flow.webhook()->webhook->callerid));
    out += R"(,"callername":)";
    append_shown_or_null(out, run.front.callername);
    out += R"(,"state":)";
    append_text_or_null(out, flow.state());
}

void append_collect(Appender& out, const flow::CallFlow& flow, const flow::Collect& question)
{
    const Webhook& webhook = *flow.webhook()->webhook;
    const Ivr& ivr = *webhook.ivr;
    out += R"("action":"collect")";
    out += R"(,"play":)";
    append_text_or_null(out, question.play);
    out += R"(,"timeout_ms":)";
    append_integer(out, ivr.timeout.count());
    out += R"(,"max_digits":)";
    append_integer(out, ivr.max_digits);
    out += R"(,"terminator":)";
    append_text_or_null(out, std::string_view(&ivr.terminator, 1));
    out += R"(,"attempt":)";
    append_integer(out, question.attempt);
    out += R"(,"max_attempts":)";
    append_integer(out, ivr.max_attempts);
    out += R"(,"state":)";
    append_text_or_null(out, flow.state());
    out += R"(,"webhook":)";
    append_text_or_null(out, webhook.name.str());
}

void append_route(Appender& out, const flow::CallFlow& flow, const flow::Answer& answer)
{
    static const dispatch::DispatchResult not_dispatched(Decision::success());
    const dispatch::DispatchResult& result = answer.result ? *answer.result : not_dispatched;
    const Decision& decision = result.decision;
    const Call& call = flow.call();
    out += R"("action":"route")";
    out += R"(,"branch":)";
    append_text_or_null(out, answer.result ? to_string(decision.branch()) : std::string_view());
    out += R"(,"status":)";
    append_word_or_null(out, decision.status);
    out += R"(,"reason":)";
    append_word_or_null(out, decision.reason());
    out += R"(,"destination":)";
    append_text_or_null(out, decision.destination ? decision.destination->str() : std::string_view());
    if (decision.ringing && decision.destination)
        append_destinations(out, decision);
    out += R"(,"callername":)";
    append_shown_or_null(out, flow.callername(answer));
    append_callerid(out, forwarded(call, flow.webhook() ? flow.webhook()->webhook->callerid : ForwardedNumber::caller));
    append_variables(out, decision.variables);
    append_steps(out, answer.branch.steps);
    out += R"(,"play":)";
    append_text_or_null(out, answer.play);
    out += R"(,"webhook":)";
    append_text_or_null(out, flow.webhook_name());
    out += R"(,"source":)";
    append_text_or_null(out, to_string(decision.source));
    append_http_status(out, decision.http_status);
    out += R"(,"elapsed_ms":)";
    append_milliseconds(out, result.elapsed);
    if (flow.explains())
        append_explanation(out, result);
}

void append_fault(Appender& out, const RequestFault& fault)
{
    out += R"({"code":)";
    append_integer(out, number_of(fault.code));
    out += R"(,"message":)";
    append_json_string(out, fault.message);
    out += '}';
}

void append_action(Appender& out, const flow::CallFlow& flow)
{
    out += '{';
    if (const auto* answer = std::get_if<flow::Answer>(&flow.next()))
        append_route(out, flow, *answer);
    else if (const auto* run = std::get_if<flow::Run>(&flow.next()))
        append_run(out, flow, *run);
    else if (const auto* question = std::get_if<flow::Collect>(&flow.next()))
        append_collect(out, flow, *question);
    out += '}';
}

} // namespace

void append_error(std::string& text, std::string_view id, const RequestFault& fault)
{
    Appender out(text, usual_size);
    append_head(out, id);
    out += R"(,"error":)";
    append_fault(out, fault);
    out += '}';
}

void append_error_object(std::string& text, const RequestFault& fault)
{
    Appender out(text, usual_size);
    append_fault(out, fault);
}

void append_answer(std::string& text, std::string_view id, const flow::CallFlow& flow)
{
    Appender out(text, usual_size);
    append_head(out, id);
    out += R"(,"result":)";
    append_action(out, flow);
    out += '}';
}

void append_result(std::string& text, const flow::CallFlow& flow)
{
    Appender out(text, usual_size);
    append_action(out, flow);
}

void append_cancelled(std::string& text, std::string_view id, bool is_cancelled)
{
    Appender out(text, usual_size);
    append_head(out, id);
    out += is_cancelled ? R"(,"result":{"cancelled":true}})" : R"(,"result":{"cancelled":false}})";
}

void append_stored(std::string& text, std::string_view id)
{
    Appender out(text, usual_size);
    append_head(out, id);
    out += R"(,"result":{"stored":true}})";
}

} // namespace dialhook::rpc
