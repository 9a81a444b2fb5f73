#include <dialhook/call/json_text.hpp>
#include <dialhook/call/text.hpp>
#include <dialhook/engine/answer.hpp>

#include <array>
#include <charconv>
#include <chrono>
#include <optional>

namespace dialhook::engine {
namespace {

void append_integer(std::string& out, long long value)
{
    std::array<char, 24> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    out.append(digits.data(), end);
}

/// Milliseconds with one decimal: `12.4`.
void append_milliseconds(std::string& out, std::chrono::steady_clock::duration duration)
{
    const long long tenths = std::chrono::duration_cast<std::chrono::microseconds>(duration).count() / 100;
    append_integer(out, tenths / 10);
    out += '.';
    out += static_cast<char>('0' + tenths % 10);
}

/// `"name":`, with a comma in front
void append_name(std::string& out, std::string_view name)
{
    out.append(",\"").append(name).append("\":");
}

/// What a caller chose goes to displays and dialplans: without control characters.
void append_shown_or_null(std::string& out, std::string_view text)
{
    const bool needs_cleaning = text::has_controls(text);
    const std::string cleaned = needs_cleaning ? text::without_controls(text) : std::string();
    const std::string_view shown = needs_cleaning ? cleaned : text;
    if (shown.empty())
        out += "null";
    else
        append_json_string(out, shown);
}

void append_text_or_null(std::string& out, std::string_view name, std::string_view text)
{
    append_name(out, name);
    if (text.empty())
        out += "null";
    else
        append_json_string(out, text);
}

template <class Word>
void append_word_or_null(std::string& out, std::string_view name, const std::optional<Word>& word)
{
    append_text_or_null(out, name, word ? to_string(*word) : std::string_view());
}

void append_head(std::string& out, std::string_view id)
{
    out.append(R"({"jsonrpc":"2.0","id":)").append(id);
}

/// The number that the recipient of the call sees.
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

void append_callerid(std::string& out, const ForwardedCallerId& callerid)
{
    out += R"(,"callerid":{"number":)";
    append_shown_or_null(out, callerid.number);
    append_text_or_null(out, "presentation", to_string(callerid.presentation));
    out += '}';
}

void append_variables(std::string& out, const Variables& variables)
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

void append_http_status(std::string& out, std::optional<int> status)
{
    append_name(out, "http_status");
    if (status)
        append_integer(out, *status);
    else
        out += "null";
}

/// `timing` by phase, and the `tries`: which URL was asked, what came of it, and how long it took.
void append_explanation(std::string& out, const dispatch::Fired& fired)
{
    out += R"(,"timing":{)";
    for (std::size_t index = 0; index < net::phase_names.size(); ++index) {
        out.append(index == 0 ? "\"" : ",\"").append(net::phase_names[index]).append("\":");
        append_milliseconds(out, fired.timing[static_cast<net::Phase>(index)]);
    }
    out += R"(},"tries":[{"url":"url")";
    append_word_or_null(out, "reason", fired.decision.reason());
    append_text_or_null(out, "detail", fired.decision.detail);
    append_http_status(out, fired.decision.http_status);
    append_name(out, "redirects");
    append_integer(out, fired.redirects);
    append_name(out, "elapsed_ms");
    append_milliseconds(out, fired.elapsed);
    out += "}]";
}

} // namespace

void append_error(std::string& out, std::string_view id, const RpcFault& fault)
{
    append_head(out, id);
    out += R"(,"error":{"code":)";
    append_integer(out, static_cast<int>(fault.code));
    append_name(out, "message");
    append_json_string(out, fault.message);
    out += "}}";
}

void append_decision(std::string& out, std::string_view id, const RouteParams& route, const Webhook& webhook,
                     const dispatch::Fired& fired)
{
    const Decision& decision = fired.decision;
    append_head(out, id);
    out += R"(,"result":{"action":"route")";
    append_text_or_null(out, "branch", to_string(decision.branch()));
    append_word_or_null(out, "status", decision.status);
    append_word_or_null(out, "reason", decision.reason());
    append_text_or_null(out, "destination", decision.destination ? decision.destination->str() : std::string_view());
    append_name(out, "callername");
    append_shown_or_null(out, decision.callername.empty() ? route.call.callername.view() : decision.callername);
    append_callerid(out, forwarded(route.call, webhook.callerid));
    append_variables(out, decision.variables);
    out += R"(,"steps":[],"play":null)";
    append_text_or_null(out, "webhook", webhook.name.str());
    append_text_or_null(out, "source", decision.source == Source::url ? "url" : "");
    append_http_status(out, decision.http_status);
    append_name(out, "elapsed_ms");
    append_milliseconds(out, fired.elapsed);
    if (route.explain)
        append_explanation(out, fired);
    out += "}}";
}

} // namespace dialhook::engine
