#include "config/dialplan_step.hpp"

#include "base/json_text.hpp"
#include "base/lookalike.hpp"
#include "base/spelling.hpp"
#include "base/text.hpp"
#include "config/known_steps.hpp"
#include "config/odd_text.hpp"
#include "yaml/json_of.hpp"
#include "yaml/scalars.hpp"
#include "yaml/shown.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace dialhook::config {
namespace {

using dialplan::Steps;

constexpr std::size_t max_text = 256;
constexpr std::size_t max_step = 65536;

constexpr std::array<std::string_view, 2> strategies{"parallel", "sequential"};
constexpr std::array<std::string_view, 4> dial_keys{"destination", "to", "strategy", "ring"};

/// Reads a text of a step that the daemon fills in itself; it may be empty.
std::optional<std::string> read_text(const Value& value, std::string_view expected)
{
    const auto text = value.text(expected);
    if (!text)
        return std::nullopt;
    if (text->size() > max_text) {
        value.fault("the text is longer than 256 bytes; shorten it");
        return std::nullopt;
    }
    if (text::has_controls(*text)) {
        value.fault("the text holds a control character or a line end; remove it");
        return std::nullopt;
    }
    warn_of_odd_text(value);
    return std::string(*text);
}

void read_name_change(const Value& change, StepPlace place, Steps& steps)
{
    if (change.name() == "prefix") {
        if (auto text = read_text(change, "the text before the name, in quotes"))
            steps.emplace_back(dialplan::NamePrefix{*std::move(text)});
    } else if (change.name() == "replace") {
        if (auto text = read_text(change, "the name that is shown instead"))
            steps.emplace_back(dialplan::NameReplacement{*std::move(text)});
    } else if (change.name() == "from") {
        if (!change.is_text("webhook"))
            change.unexpected("webhook");
        else if (place != StepPlace::on_success)
            change.fault("there is no reply to take a name from here; `from: webhook` belongs under `on_success`");
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

/// Reads a number or address to dial, if it is one.
std::optional<std::string> read_target(const Value& value)
{
    auto text = read_text(value, "a number or address to dial, in quotes");
    if (text && text->empty()) {
        value.fault("there is nothing to dial; name a destination, such as dial: \"101\"");
        return std::nullopt;
    }
    return text;
}

/// Returns whether it is the word `variable`, in whatever letters: hardly anybody has that for a number.
bool means_variable(const Value& value)
{
    return value.is_scalar() && text::equals_ignoring_case(without_lookalikes(value.written()), "variable");
}

void read_destination(const Value& value, Steps& steps)
{
    if (auto text = read_target(value))
        steps.emplace_back(dialplan::Dial{*std::move(text)});
}

std::optional<std::chrono::seconds> read_ring(const Value& dial)
{
    const auto value = dial.entry("ring");
    if (!value)
        return std::nullopt;
    const auto time = value->time(RingTime::min, RingTime::max);
    if (!time)
        return std::nullopt;
    const auto whole = std::chrono::duration_cast<std::chrono::seconds>(*time);
    if (whole != *time) {
        value->unexpected("whole seconds");
        return std::nullopt;
    }
    return whole;
}

/// Reads `to`, a list of targets, and how they ring.
void read_group(const Value& dial, const Value& to, Steps& steps)
{
    constexpr std::string_view list = "a list of numbers or addresses to dial, such as [\"101\", \"102\"]";
    dialplan::DialGroup group;
    if (means_variable(to))
        return to.fault("to dial what the reply says, write `dial: { destination: variable }`");
    if (to.is_nothing() || to.is_empty_list())
        return to.fault("there is nothing to dial; name destinations, such as to: [\"101\", \"102\"]");
    if (to.is_scalar()) {
        if (auto target = read_target(to))
            group.to.push_back(*std::move(target));
    } else {
        to.each_item(list, [&](const Value& item) {
            if (auto target = read_target(item))
                group.to.push_back(*std::move(target));
        });
    }
    if (group.to.size() > Ringing::max_destinations)
        to.fault("found more than 10 destinations; a step dials 10 at most");
    if (const auto strategy = dial.entry("strategy"))
        if (const auto chosen = strategy->choice(strategies))
            group.strategy = *chosen == 0 ? RingStrategy::parallel : RingStrategy::sequential;
    group.ring = read_ring(dial);
    if (group.to.size() == 1 && !group.ring)
        steps.emplace_back(dialplan::Dial{std::move(group.to.front())});
    else if (!group.to.empty())
        steps.emplace_back(std::move(group));
}

/// Returns false if a key is none of a dial step's, or does not go with the others.
bool dial_keys_are_known(const Value& dial, bool has_list)
{
    bool are_known = true;
    dial.each_entry([&](const Value& value) {
        if (std::ranges::find(dial_keys, value.name()) == dial_keys.end()) {
            auto hint = did_you_mean(without_lookalikes(value.name()), dial_keys);
            value.fault_of_key(
                "unknown key " + in_quotes(value.name()) + value.odd_character_in_key() +
                (hint.empty() ? "; a dial step has `destination`, or `to` and `strategy`, and `ring`" : hint));
        } else if (value.name() == "strategy" && !has_list) {
            value.fault_of_key(
                "`strategy` says how several targets ring; it belongs beside `to` (a reply says it itself)");
        } else if (value.name() == "destination" && has_list) {
            value.fault_of_key("`destination` and `to` both say what is dialled; remove one of them");
        } else {
            return;
        }
        are_known = false;
    });
    return are_known;
}

void read_dial(const Value& value, StepPlace place, Steps& steps)
{
    if (means_variable(value))
        return value.fault("to dial what the reply says, write `dial: { destination: variable }`");
    if (value.is_scalar())
        return read_destination(value, steps);
    const auto destination = value.entry("destination");
    const auto to = value.entry("to");
    if (value.kind() == NodeKind::list)
        return value.fault("found a list, expected a destination, such as \"101\", `{ to: [\"101\", \"102\"] }`, or "
                           "`{ destination: variable }`");
    if (!dial_keys_are_known(value, to.has_value()))
        return;
    if (to)
        return read_group(value, *to, steps);
    if (!destination)
        return value.fault("found no destination, expected one, such as \"101\", `{ to: [\"101\", \"102\"] }`, or "
                           "`{ destination: variable }`");
    if (means_variable(*destination) && !destination->is_text("variable"))
        return destination->unexpected("the word variable in small letters, or what is dialled");
    if (!destination->is_text("variable"))
        return value.entry("ring") ? read_group(value, *destination, steps) : read_destination(*destination, steps);
    if (place != StepPlace::on_success)
        return destination->fault(
            "there is no reply to take a destination from here; `destination: variable` belongs under `on_success`");
    steps.emplace_back(dialplan::DialVariable{read_ring(value)});
}

/// Returns the JSON of a step of the engine's own.
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

/// A step that the daemon knows has one key. Returns false if it has another one too.
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

/// A step of the engine's own is handed on as it stands, and so would be a `dial` with an invisible blank.
bool keys_are_clear(const Value& item)
{
    if (item.is_scalar() && first_lookalike(item.written())) {
        item.fault("found " + in_quotes(item.written()) + " as a step" + item.odd_character());
        return false;
    }
    bool clear = true;
    if (item.kind() == NodeKind::mapping)
        item.each_entry([&](const Value& value) {
            if (!value.name().empty() && !first_lookalike(value.name()))
                return;
            clear = false;
            if (value.name().empty())
                return value.fault_of_key("the step has no name before its colon; write one, such as dial: \"101\", or "
                                          "remove it");
            value.fault_of_key("found " + in_quotes(value.name()) + " as a step" + value.odd_character_in_key());
        });
    return clear;
}

/// Returns whether it is a text or a mapping, as engines expect a step.
bool may_be_step(const Value& item)
{
    if (item.kind() == NodeKind::list)
        return false;
    const std::string_view text = item.written();
    const bool is_no_text = item.is_plain() && (to_boolean(text) || !json_number(text).empty());
    return !item.is_scalar() || !(is_no_text || text.empty());
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
    if (!may_be_step(item))
        return item.unexpected("a step: a word, such as hangup, or a key and its value, such as dial: \"101\"");
    if (item.is_text("webhook") || item.is_text("callername") || item.is_text("dial"))
        return item.fault("the step " + std::string(item.written()) + " has no value after its colon");
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
    warn_of_odd_values(item);
    std::string json = engine_step(item);
    if (json.size() > max_step)
        return item.fault("the step is larger than 64 KiB; shorten it");
    steps.emplace_back(dialplan::EngineStep{std::move(json)});
}

} // namespace dialhook::config
