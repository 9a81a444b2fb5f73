#include "config/dialplan_step.hpp"

#include "config/json_of.hpp"
#include "config/known_steps.hpp"
#include "config/shown.hpp"

#include <dialhook/call/json_text.hpp>
#include <dialhook/call/lookalike.hpp>
#include <dialhook/call/text.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace dialhook::config {
namespace {

using dialplan::Steps;

constexpr std::size_t longest_text = 256;
constexpr std::size_t largest_step = 65536;

/// A text of a step that the daemon fills in itself; it may be empty.
std::optional<std::string> read_text(const Value& value, std::string_view expected)
{
    const auto text = value.text(expected);
    if (!text)
        return std::nullopt;
    if (text->size() > longest_text) {
        value.fault("the text is longer than 256 bytes; shorten it");
        return std::nullopt;
    }
    if (text::has_controls(*text)) {
        value.fault("the text holds a control character or a line end; remove it");
        return std::nullopt;
    }
    return std::string(*text);
}

void read_name_change(const Value& change, StepPlace place, Steps& steps)
{
    if (change.name() == "prefix") {
        if (auto text = read_text(change, "the text that comes in front of the name, in quotes"))
            steps.emplace_back(dialplan::NamePrefix{*std::move(text)});
    } else if (change.name() == "replace") {
        if (auto text = read_text(change, "the name that is shown instead"))
            steps.emplace_back(dialplan::NameReplacement{*std::move(text)});
    } else if (change.name() == "from") {
        if (!change.is_text("webhook"))
            change.unexpected("webhook");
        else if (place != StepPlace::on_success)
            change.fault("there is no reply to take a name from here; `from: webhook` stands under `on_success` alone");
        else
            steps.emplace_back(dialplan::NameFromWebhook{});
    } else {
        change.fault_of_key("unknown way to change a name; there are `from: webhook`, `prefix` and `replace`" +
                            change.odd_character_in_key());
    }
}

void read_callername(const Value& value, StepPlace place, Steps& steps)
{
    if (value.entries() != 1)
        return value.fault(
            "a callername step has one of `from: webhook`, `prefix: \"…\"` and `replace: \"…\"`; write a "
            "step for each");
    value.each_entry([&](const Value& change) { read_name_change(change, place, steps); });
}

void read_destination(const Value& value, Steps& steps)
{
    auto text = read_text(value, "a number or address to dial, in quotes");
    if (!text)
        return;
    if (text->empty())
        return value.fault("there is nothing to dial; name a destination, such as dial: \"101\"");
    steps.emplace_back(dialplan::Dial{*std::move(text)});
}

void read_dial(const Value& value, StepPlace place, Steps& steps)
{
    if (value.is_text("variable"))
        return value.fault("to dial what the reply says, write `dial: { destination: variable }`");
    if (value.is_scalar())
        return read_destination(value, steps);
    const auto destination = value.entry("destination");
    if (!destination || value.entries() != 1)
        return value.fault("found " + std::string(value.kind() == NodeKind::list ? "a list" : "other keys") +
                           ", expected a destination, such as \"101\", or `{ destination: variable }`");
    if (!destination->is_text("variable"))
        return read_destination(*destination, steps);
    if (place != StepPlace::on_success)
        return destination->fault("there is no reply to take a destination from here; `destination: variable` stands "
                                  "under `on_success` alone");
    steps.emplace_back(dialplan::DialVariable{});
}

/// The JSON of a step of the engine's own.
std::string engine_step(const Value& item)
{
    std::string json;
    // A mailbox is a number whose zeros count, as a destination is.
    if (const auto mailbox = item.entry("voicemail");
        mailbox && item.entries() == 1 && mailbox->is_scalar() && !mailbox->is_nothing())
    {
        json = R"({"voicemail":)";
        append_json_text(json, *mailbox);
        json += '}';
    } else {
        append_json(json, item);
    }
    return json;
}

/// A step that the daemon knows has one key. False: it has another one too.
bool stands_alone(const Value& item, const Value& known)
{
    if (item.entries() == 1)
        return true;
    item.each_entry([&](const Value& other) {
        if (other.name() != known.name())
            other.fault_of_key("a " + std::string(known.name()) +
                               " step has no other key beside it; make it a step of its own");
    });
    return false;
}

/// A step of the engine's own is handed on as it stands, and so would be a `dial` with a blank that nobody sees.
bool keys_are_clear(const Value& item)
{
    if (item.is_scalar() && first_lookalike(item.written())) {
        item.fault("found " + in_quotes(item.written()) + " as a step" + item.odd_character());
        return false;
    }
    bool clear = true;
    if (item.kind() == NodeKind::mapping)
        item.each_entry([&](const Value& value) {
            if (!first_lookalike(value.name()))
                return;
            clear = false;
            value.fault_of_key("found " + in_quotes(value.name()) + " as a step" + value.odd_character_in_key());
        });
    return clear;
}

} // namespace

bool is_webhook_step(const Value& item)
{
    return item.entry("webhook").has_value();
}

void read_step(const Value& item, StepPlace place, Steps& steps)
{
    if (item.is_nothing() || (item.kind() == NodeKind::mapping && item.entries() == 0))
        return item.fault("the step is empty; write a step, such as dial: \"101\", or remove it");
    if (item.is_text("webhook") || item.is_text("callername") || item.is_text("dial"))
        return item.fault("the step " + std::string(item.written()) + " lacks what stands behind its colon");
    for (const char* branch : {"on_success", "on_failure"})
        if (const auto lost = item.entry(branch))
            return lost->fault_at_key("it belongs to a webhook step, but there is no `webhook` beside it" +
                                      misspelt_webhook(item));

    if (const auto callername = item.entry("callername")) {
        if (stands_alone(item, *callername))
            read_callername(*callername, place, steps);
        return;
    }
    if (const auto dial = item.entry("dial")) {
        if (stands_alone(item, *dial))
            read_dial(*dial, place, steps);
        return;
    }
    if (!keys_are_clear(item))
        return;
    warn_of_near_steps(item);
    std::string json = engine_step(item);
    if (json.size() > largest_step)
        return item.fault("the step is larger than 64 KiB; shorten it");
    steps.emplace_back(dialplan::EngineStep{std::move(json)});
}

} // namespace dialhook::config
