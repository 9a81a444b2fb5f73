#include "api/fastagi/channel_variables.hpp"

#include "api/fastagi/command.hpp"
#include "api/fastagi/ring_variables.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace dialhook::fastagi {
namespace {

/// Beside `DIALHOOK_BRANCH`. (GCC 12 does not keep a list in braces alive over a co_await.)
constexpr std::array of_a_decision = {"DIALHOOK_STATUS", "DIALHOOK_REASON", "DIALHOOK_DESTINATION",
                                      "DIALHOOK_CALLERNAME"};

constexpr const char* dialplan_variable = "DIALHOOK_DIALPLAN";
constexpr const char* done_variable = "DIALHOOK_DONE";

template <class Word>
std::string_view word_or_nothing(const std::optional<Word>& word)
{
    return word ? to_string(*word) : std::string_view();
}

/// Returns `queue-id` as a part of the name of a channel variable.
std::string variable_name(std::string_view key)
{
    std::string name = "DIALHOOK_VAR_";
    for (const char c : key)
        name += c == '-' ? '_' : c;
    return name;
}

} // namespace

void ChannelVariables::take_back(Call& call, std::string channel_id)
{
    channel_id_ = std::move(channel_id);
    before_ = asked_channels_.find(channel_id_);
    if (before_)
        before_->take_back(call.callerid, call.callername, call.presentation);
    now_ = {.callerid = call.callerid,
            .callername = call.callername,
            .presentation = call.presentation,
            .shown_number = call.callerid.str(),
            .shown_name = call.callername.str(),
            .shown_presentation = call.presentation,
            .variables = {}};
}

void ChannelVariables::remember()
{
    if (!has_changed_channel_)
        return;
    if (before_)
        now_.variables.insert(now_.variables.end(), before_->variables.begin(), before_->variables.end());
    asked_channels_.remember(channel_id_, std::move(now_));
}

net::Awaitable<void> ChannelVariables::begin_dialplan(std::string_view key)
{
    now_.variables.emplace_back(dialplan_variable);
    now_.variables.emplace_back(done_variable);
    has_changed_channel_ = true;
    co_await set(dialplan_variable, key);
    co_await set(done_variable, "");
}

net::Awaitable<void> ChannelVariables::set_decision(const Decision& decision, const Call& call,
                                                    ForwardedNumber forwarded, std::string_view callername)
{
    // GCC 12 evaluates both arms of a conditional expression inside a co_await.
    const std::string destination = decision.destination ? decision.destination->str() : std::string();
    for (const auto& [key, value] : decision.variables)
        now_.variables.push_back(variable_name(key));
    const auto rings = ring_variables(decision.ringing.get());
    for (const auto& [name, value] : rings)
        now_.variables.emplace_back(name);
    has_changed_channel_ = true;
    co_await forget_variables();
    for (const auto& [key, value] : decision.variables)
        co_await set(variable_name(key), value);
    for (const auto& [name, value] : rings)
        co_await set(name, value);
    co_await set("DIALHOOK_STATUS", word_or_nothing(decision.status));
    co_await set("DIALHOOK_REASON", word_or_nothing(decision.reason()));
    co_await set("DIALHOOK_DESTINATION", destination);
    co_await set("DIALHOOK_CALLERNAME", callername);
    co_await show(call, forwarded, callername);
    // The branch comes last: where it is set, all else is set.
    co_await set("DIALHOOK_BRANCH", to_string(decision.branch()));
}

/// Empties what an earlier question on this channel set, and this one does not.
net::Awaitable<void> ChannelVariables::forget_variables()
{
    if (!before_)
        co_return;
    for (const std::string& name : before_->variables)
        if (std::find(now_.variables.begin(), now_.variables.end(), name) == now_.variables.end())
            co_await set(name, "");
    before_->variables.clear();
}

net::Awaitable<void> ChannelVariables::forget_question()
{
    co_await set("DIALHOOK_BRANCH", ""); // first, since it says that the others hold
    if (!before_)
        co_return;
    co_await forget_variables();
    for (const char* const name : of_a_decision)
        co_await set(name, "");
}

// Endpoints that trust their peer send number and name of a call that is only marked as private, so neither stays.
net::Awaitable<void> ChannelVariables::show(const Call& call, ForwardedNumber forwarded, std::string_view callername)
{
    const bool is_called = forwarded == ForwardedNumber::called;
    const bool is_hidden = forwarded == ForwardedNumber::suppressed ||
                           (forwarded == ForwardedNumber::caller && call.presentation == Presentation::prohibited);
    if (is_hidden) {
        co_await show_name("");
        co_await show_number("");
        co_await set("CALLERID(pres)", "prohib");
        now_.shown_presentation = Presentation::prohibited;
        co_return;
    }
    const bool was_changed = before_ || call.presentation == Presentation::prohibited;
    if (!callername.empty() || was_changed)
        co_await show_name(callername);
    const std::string_view number = is_called ? call.did.view() : call.callerid.view();
    if (!number.empty() || was_changed)
        co_await show_number(number);
    if (is_called || was_changed)
        co_await set("CALLERID(pres)", "allowed");
    now_.shown_presentation = Presentation::allowed;
}

net::Awaitable<void> ChannelVariables::change_name(std::string_view name)
{
    if (now_.shown_presentation == Presentation::allowed)
        co_await show_name(name);
}

net::Awaitable<void> ChannelVariables::show_name(std::string_view name)
{
    co_await set("CALLERID(name)", name);
    now_.shown_name = name;
    has_changed_channel_ = true;
}

net::Awaitable<void> ChannelVariables::show_number(std::string_view number)
{
    co_await set("CALLERID(num)", number);
    now_.shown_number = number;
}

net::Awaitable<void> ChannelVariables::set(std::string_view name, std::string_view value)
{
    if (!channel_.is_gone())
        co_await channel_.command(command::set_variable(name, value), at_once);
}

} // namespace dialhook::fastagi
