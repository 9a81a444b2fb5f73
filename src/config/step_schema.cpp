#include "config/step_schema.hpp"

#include "config/dialplan_section.hpp"
#include "config/dialplan_step.hpp"
#include "config/schema_values.hpp"

#include <nlohmann/json.hpp>

#include <string_view>

namespace dialhook::config {
namespace {

using Json = nlohmann::ordered_json;

Json parsed(std::string_view text)
{
    return Json::parse(text);
}

std::string_view meaning_of(std::string_view step)
{
    for (const KeyRow& row : dialplan_rows())
        if (row.name == step)
            return row.meaning;
    return {};
}

Json callername(StepPlace place)
{
    Json changes = parsed(R"({"prefix":{"type":["string","number","boolean"]},
                              "replace":{"type":["string","number","boolean"]}})");
    if (place == StepPlace::on_success)
        changes["from"] = parsed(R"({"enum":["webhook"]})");
    return {{"description", meaning_of("callername")}, {"type", "object"},   {"properties", std::move(changes)},
            {"additionalProperties", false},           {"minProperties", 1}, {"maxProperties", 1}};
}

Json dial(StepPlace place)
{
    const Json number = parsed(R"({"type":["string","number","boolean"],"minLength":1,"not":{"enum":["variable"]}})");
    const Json variable = parsed(R"({"enum":["variable"]})");
    const Json destination = place == StepPlace::on_success ? Json{{"anyOf", {variable, number}}} : number;
    Json ring = Json::parse(time_schema(RingTime::min));
    ring["description"] = "How long each of them, or all together, may ring before the next step follows.";
    const Json one{{"type", "object"},
                   {"properties", {{"destination", destination}, {"ring", ring}}},
                   {"required", {"destination"}},
                   {"additionalProperties", false}};
    const Json targets{{"description", "Numbers and SIP URIs."},
                       {"type", {"array", "string", "number"}},
                       {"items", number},
                       {"minItems", 1},
                       {"maxItems", Ringing::max_destinations}};
    Json strategy = parsed(R"({"enum":["parallel","sequential"]})");
    strategy["description"] = "They ring at once, and the first who answers has the call; or one after the other.";
    const Json several{{"type", "object"},
                       {"properties", {{"to", targets}, {"strategy", strategy}, {"ring", ring}}},
                       {"required", {"to"}},
                       {"additionalProperties", false}};
    return {{"description", meaning_of("dial")}, {"anyOf", {number, one, several}}};
}

/// Returns what every integration knows beside the daemon's own steps: an editor offers it. What stands in such a step
/// is the engine's to judge.
Json steps_of_engines()
{
    return parsed(R"({"play":{"description":"Plays an audio file of the PBX."},
                      "queue":{"description":"Puts the call in a queue of the PBX."},
                      "voicemail":{"description":"Lets the caller speak into a mailbox."},
                      "hangup":{"description":"Ends the call; the word alone does it too."},
                      "answer":{"description":"Answers the call; the word alone does it too."},
                      "exec":{"description":"Runs an application of the PBX.","properties":{
                        "app":{"description":"Name of the application."},
                        "args":{"description":"What it is given, as a list or a text."}}}})");
}

/// The words that are steps by themselves come first, so that an editor offers them.
Json step_in_a_word()
{
    return parsed(R"({"anyOf":[{"enum":["hangup","answer"]},
                               {"type":"string","minLength":1,"not":{"enum":["webhook","callername","dial"]}}]})");
}

/// Returns the schema of a step that is a mapping: the daemon's own, or one that it hands on.
Json mapping_step(StepPlace place)
{
    Json step{{"type", "object"},
              {"minProperties", 1},
              {"propertyNames", {{"minLength", 1}}},
              {"properties", {{"callername", callername(place)}, {"dial", dial(place)}}},
              {"dependencies", parsed(R"({"callername":{"maxProperties":1},"dial":{"maxProperties":1}})")}};
    step["properties"].update(steps_of_engines());
    if (place == StepPlace::in_front) {
        step["properties"]["webhook"] = {{"description", meaning_of("webhook")},
                                         {"type", {"string", "number", "boolean"}}};
        step["properties"]["on_success"] = {{"$ref", "#/definitions/steps_on_success"}};
        step["properties"]["on_failure"] = {{"$ref", "#/definitions/steps_on_failure"}};
        step["dependencies"].update(
            parsed(R"({"webhook":{"propertyNames":{"enum":["webhook","on_success","on_failure"]}},
                       "on_success":["webhook"],"on_failure":["webhook"]})"));
    } else {
        step["propertyNames"]["not"] = parsed(R"({"enum":["webhook","on_success","on_failure"]})");
    }
    return step;
}

Json steps(StepPlace place)
{
    Json list{{"type", "array"}, {"items", {{"anyOf", {mapping_step(place), step_in_a_word()}}}}};
    if (place == StepPlace::in_front)
        list["minItems"] = 1;
    else
        list["type"] = {"array", "null"};
    return list;
}

} // namespace

Json step_definitions()
{
    return {{"steps", steps(StepPlace::in_front)},
            {"steps_on_success", steps(StepPlace::on_success)},
            {"steps_on_failure", steps(StepPlace::on_failure)}};
}

} // namespace dialhook::config
