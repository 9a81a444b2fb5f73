#include "base/spelling.hpp"
#include "ctl/render.hpp"
#include "ctl/terminal.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace dialhook::ctl {
namespace {

using Json = nlohmann::ordered_json;

std::string quoted(const Json& text)
{
    return '"' + harmless(text.get<std::string>()) + '"';
}

/// Returns `play: welcome`; what is no single text is shown as JSON.
std::string step_of_engine(const Json& step)
{
    if (step.is_object() && step.size() == 1) {
        const Json::const_iterator only = step.begin();
        const Json& value = only.value();
        const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
        return harmless(only.key()) + (value.is_null() ? "" : ": " + harmless(text));
    }
    return harmless(step.is_string() ? step.get<std::string>() : step.dump());
}

std::string name_change(const Json& change)
{
    if (change.is_string())
        return "show the caller as " + quoted(change);
    if (change.contains("prefix"))
        return "put " + quoted(change["prefix"]) + " before the caller's name";
    if (change.contains("replace"))
        return "show the caller as " + quoted(change["replace"]);
    return "show the caller by the name in the webhook's reply, if there is one";
}

/// Returns `dial 101 and 102 at once, for 20 s`.
std::string dialled(const Json& dial)
{
    std::string text = "dial the destination in the webhook's reply";
    if (dial.contains("to")) {
        std::vector<std::string> targets;
        for (const Json& target : dial["to"])
            targets.push_back(harmless(target.get<std::string>()));
        const std::vector<std::string_view> words(targets.begin(), targets.end());
        text = "dial " + joined(words, "and");
        if (targets.size() > 1)
            text += dial.value("strategy", "parallel") == "parallel" ? " at once" : " one after the other";
    }
    if (dial.contains("ring"))
        text += ", for " + harmless(dial["ring"].get<std::string>());
    else if (dial.contains("ring_s") && !dial["ring_s"].is_null())
        text += ", for " + dial["ring_s"].dump() + "s";
    return text;
}

std::string in_words(const Json& step)
{
    if (step.is_object() && step.contains("callername"))
        return name_change(step["callername"]);
    if (step.is_object() && step.contains("dial"))
        return step["dial"].is_string() ? "dial " + harmless(step["dial"].get<std::string>()) : dialled(step["dial"]);
    return step_of_engine(step);
}

void add_steps(std::string& text, const Json& steps, const std::string& indent)
{
    if (steps.empty())
        text += indent + "no steps\n";
    std::size_t number = 0;
    for (const Json& step : steps)
        text += indent + std::to_string(++number) + ". " + in_words(step) + '\n';
}

std::string seconds(std::int64_t milliseconds)
{
    Json number = static_cast<double>(milliseconds) / 1000;
    if (milliseconds % 1000 == 0)
        number = milliseconds / 1000;
    return number.dump() + " s";
}

void add_ivr(std::string& text, const Json& ivr)
{
    text += "     first the caller enters a code: " + quoted(ivr.at("start_message")) +
            " is played, a code has up to " + ivr.at("max_digits").dump() + " keys and ends with " +
            harmless(ivr.at("terminator").get<std::string>()) + '\n';
    text += "     up to " + ivr.at("max_attempts").dump() + " times, " +
            seconds(ivr.at("timeout_ms").get<std::int64_t>()) + " each; after a NAK " +
            quoted(ivr.at("incorrect_message")) + " is played, after silence " + quoted(ivr.at("timeout_message")) +
            '\n';
}

void add_webhook(std::string& text, const Json& webhook, std::size_t number)
{
    text += "  " + std::to_string(number) + ". ask the webhook " + quoted(webhook.at("name")) + ", " +
            harmless(webhook.at("method").get<std::string>()) + ' ' + harmless(webhook.at("url").get<std::string>()) +
            ", within " + seconds(webhook.at("timeout_ms").get<std::int64_t>()) + '\n';
    if (!webhook.at("ivr").is_null())
        add_ivr(text, webhook.at("ivr"));
    text += "     on success:\n";
    add_steps(text, webhook.at("on_success"), "       ");
    text += "     on failure:\n";
    add_steps(text, webhook.at("on_failure"), "       ");
}

} // namespace

std::string render_run(const Json& answer)
{
    std::string text = "run these steps, then go on:\n";
    add_steps(text, answer.at("steps"), "  ");
    return text;
}

std::string render_collect(const Json& answer)
{
    return "play " + quoted(answer.at("play")) + " and enter a code (attempt " + answer.at("attempt").dump() + " of " +
           answer.at("max_attempts").dump() + ", " + seconds(answer.at("timeout_ms").get<std::int64_t>()) + ", up to " +
           answer.at("max_digits").dump() + " keys): \n";
}

std::string render_plan(const Json& plan)
{
    std::string text =
        harmless(plan.at("did").get<std::string>()) + " follows the dialplan " + quoted(plan.at("dialplan")) + ":\n";
    const Json& steps = plan.at("steps");
    const Json& webhook = plan.at("webhook");
    if (!steps.empty() || webhook.is_null())
        add_steps(text, steps, "  ");
    if (!webhook.is_null())
        add_webhook(text, webhook, steps.size() + 1);
    return text;
}

} // namespace dialhook::ctl
