#include "events/body.hpp"

#include "base/digits.hpp"
#include "base/utc.hpp"
#include "events/words.hpp"

#include <nlohmann/json.hpp>

namespace dialhook::events {
namespace {

using Json = nlohmann::ordered_json;

template <typename Text>
Json text_or_null(const Text& text)
{
    return text.empty() ? Json() : Json(text.str());
}

template <typename Word>
Json word_or_null(const std::optional<Word>& word)
{
    return word ? Json(to_string(*word)) : Json();
}

/// Returns someone at a telephone, as voys-v2 has people. Accounts and e-mail addresses are those of another PBX.
template <typename Name>
Json voys_party(const CallText& number, const Name& name)
{
    return {{"number", text_or_null(number)},
            {"name", text_or_null(name)},
            {"account_number", nullptr},
            {"user_numbers", Json::array()},
            {"user_emails", Json::array()}};
}

Json voys_destination(const CallEvent& event)
{
    const Facts& facts = event.facts;
    const bool is_answered = event.kind == Kind::answered || event.kind == Kind::transferred;
    if (is_answered && !facts.answered_by.empty())
        return voys_party(facts.answered_by, CallText());
    Json destination{{"number", text_or_null(facts.did)}};
    if (event.kind == Kind::ringing) {
        destination["targets"] = Json::array();
        for (const CallText& target : facts.targets)
            destination["targets"].push_back(voys_party(target, CallText()));
    }
    return destination;
}

std::string voys_v2(const CallEvent& event)
{
    const Facts& facts = event.facts;
    Json body{{"call_id", event.call_id.str()},
              {"timestamp", timestamp(event.at)},
              {"status", voys_status(event)},
              {"version", "v2"},
              {"direction", word_or_null(facts.direction)},
              {"caller", voys_party(facts.callerid, facts.callername)},
              {"destination", voys_destination(event)}};
    if (event.kind == Kind::transferred)
        body["transferred_by"] = text_or_null(facts.transferred_by);
    if (event.kind == Kind::ended)
        body["reason"] = word_or_null(facts.reason);
    body["seq"] = event.seq;
    return body.dump();
}

Json data_of(const CallEvent& event)
{
    const Facts& facts = event.facts;
    Json data{{"call_id", event.call_id.str()},
              {"event", to_string(event.kind)},
              {"seq", event.seq},
              {"at", timestamp(event.at)},
              {"direction", word_or_null(facts.direction)},
              {"did", text_or_null(facts.did)},
              {"callerid", text_or_null(facts.callerid)},
              {"callername", text_or_null(facts.callername)},
              {"presentation", word_or_null(facts.presentation)},
              {"targets", Json::array()},
              {"answered_by", text_or_null(facts.answered_by)},
              {"transferred_by", text_or_null(facts.transferred_by)},
              {"transfer", word_or_null(facts.transfer)},
              {"reason", word_or_null(facts.reason)},
              {"vars", Json::object()}};
    for (const CallText& target : facts.targets)
        data["targets"].push_back(target.str());
    for (const CallVar& var : facts.vars)
        data["vars"][var.name] = var.value;
    return data;
}

std::string cloudevent(const CallEvent& event, std::string_view webhook_id)
{
    return Json{{"specversion", "1.0"},
                {"id", webhook_id},
                {"source", "dialhook"},
                {"type", "dialhook.call." + std::string(to_string(event.kind))},
                {"subject", event.call_id.str()},
                {"time", timestamp(event.at)},
                {"datacontenttype", "application/json"},
                {"data", data_of(event)}}
        .dump();
}

std::string joined(const std::vector<CallText>& texts)
{
    std::string all;
    for (const CallText& text : texts)
        all += (all.empty() ? "" : ",") + text.str();
    return all;
}

template <typename Word>
std::string_view word_or_nothing(const std::optional<Word>& word)
{
    return word ? to_string(*word) : std::string_view();
}

std::string own_fields(const CallEvent& event, const BodyFields& fields, const Numbers& numbers)
{
    const Facts& facts = event.facts;
    const std::string seq = std::to_string(event.seq);
    const std::string at = timestamp(event.at);
    const std::string targets = joined(facts.targets);
    VariableValues values;
    values[Variable::did] = facts.did.view();
    values[Variable::callerid] = facts.callerid.view();
    values[Variable::callername] = facts.callername.view();
    values[Variable::call_id] = event.call_id.view();
    values[Variable::presentation] = word_or_nothing(facts.presentation);
    values[Variable::event] = to_string(event.kind);
    values[Variable::seq] = seq;
    values[Variable::at] = at;
    values[Variable::direction] = word_or_nothing(facts.direction);
    values[Variable::targets] = targets;
    values[Variable::answered_by] = facts.answered_by.view();
    values[Variable::transferred_by] = facts.transferred_by.view();
    values[Variable::transfer] = word_or_nothing(facts.transfer);
    values[Variable::reason] = word_or_nothing(facts.reason);
    values.numbers = &numbers;
    values.vars = &facts.vars;
    return fields.json(values);
}

} // namespace

EventBody body_of(const CallEvent& event, const Notification& notification, std::string_view webhook_id,
                  const Numbers& numbers)
{
    switch (notification.format) {
    case EventFormat::voys_v2:
        return {voys_v2(event), "application/json"};
    case EventFormat::cloudevents:
        return {cloudevent(event, webhook_id), "application/cloudevents+json"};
    case EventFormat::fields:
        return {own_fields(event, *notification.fields, numbers), "application/json"};
    }
    return {};
}

std::string timestamp(std::chrono::system_clock::time_point at)
{
    using namespace std::chrono;
    constexpr unsigned digits = 6;
    const auto second = floor<seconds>(at);
    std::string text(utc_second_size + 1 + digits, '.');
    put_utc_second(text.data(), second);
    put_digits(text.data() + utc_second_size + 1, duration_cast<microseconds>(at - second).count(), digits);
    return text + "+00:00";
}

} // namespace dialhook::events
