#include "spool/stored_json.hpp"

#include "events/words.hpp"

#include <nlohmann/json.hpp>

#include <array>

namespace dialhook::spool {
namespace {

using Json = nlohmann::json;

template <typename Text>
void put_text(Json& json, const char* name, const Text& text)
{
    if (!text.empty())
        json[name] = text.str();
}

template <typename Word>
void put_word(Json& json, const char* name, const std::optional<Word>& word)
{
    if (word)
        json[name] = to_string(*word);
}

void put_vars(Json& json, const CallVars& vars)
{
    for (const CallVar& var : vars)
        json["vars"][var.name] = var.value;
}

/// Reads members one by one and remembers if one is not what it should be.
class Reader
{
public:
    explicit Reader(std::string_view text)
        : json_(Json::parse(text, nullptr, false))
        , is_good_(json_.is_object())
    {
    }

    template <typename Text>
    void text(const char* name, Text& text)
    {
        if (const std::string* written = string(name))
            is_good_ = text.assign(*written) && is_good_;
    }

    template <typename Word, typename Read>
    void word(const char* name, std::optional<Word>& word, Read read)
    {
        const std::string* written = string(name);
        if (written == nullptr)
            return;
        word = read(std::string_view(*written));
        is_good_ = word && is_good_;
    }

    void texts(const char* name, std::vector<CallText>& texts)
    {
        for (const Json& member : of(name, Json::value_t::array)) {
            auto text = member.is_string() ? CallText::from(member.get_ref<const std::string&>()) : std::nullopt;
            is_good_ = text && is_good_;
            if (text)
                texts.push_back(*std::move(text));
        }
    }

    void vars(CallVars& vars)
    {
        const Json& written = of("vars", Json::value_t::object);
        for (auto member = written.begin(); member != written.end(); ++member) {
            is_good_ = member->is_string() && is_good_;
            if (member->is_string())
                add_var(vars, member.key(), member->get_ref<const std::string&>());
        }
    }

    void number(const char* name, std::uint64_t& number)
    {
        const auto place = is_good_ ? json_.find(name) : json_.end();
        if (place == json_.end())
            return;
        is_good_ = place->is_number_unsigned();
        number = is_good_ ? place->get<std::uint64_t>() : 0;
    }

    void flag(const char* name, bool& flag)
    {
        const auto place = is_good_ ? json_.find(name) : json_.end();
        if (place == json_.end())
            return;
        is_good_ = place->is_boolean();
        flag = is_good_ && place->get<bool>();
    }

    bool is_good() const { return is_good_; }

private:
    const std::string* string(const char* name)
    {
        const Json& found = of(name, Json::value_t::string);
        return found.is_string() ? &found.get_ref<const std::string&>() : nullptr;
    }

    /// Returns the member, or null if there is none.
    const Json& of(const char* name, Json::value_t type)
    {
        static const Json none;
        const auto place = is_good_ ? json_.find(name) : json_.end();
        if (place == json_.end())
            return none;
        is_good_ = place->type() == type;
        return is_good_ ? *place : none;
    }

    Json json_;
    bool is_good_;
};

std::optional<Presentation> presentation_of(std::string_view word)
{
    for (const auto presentation : {Presentation::allowed, Presentation::prohibited})
        if (to_string(presentation) == word)
            return presentation;
    return std::nullopt;
}

constexpr const char* mask = "***";

/// What is not UTF-8 is replaced: nothing that an engine says may stop the spool.
std::string dumped(const Json& json)
{
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

constexpr const char* first_did_member = "first_did";

Json json_of(const events::Facts& facts)
{
    Json json = Json::object();
    put_word(json, "direction", facts.direction);
    put_text(json, "did", facts.did);
    put_text(json, "callerid", facts.callerid);
    put_text(json, "callername", facts.callername);
    put_word(json, "presentation", facts.presentation);
    for (const CallText& target : facts.targets)
        json["targets"].push_back(target.str());
    put_text(json, "answered_by", facts.answered_by);
    put_text(json, "transferred_by", facts.transferred_by);
    put_word(json, "transfer", facts.transfer);
    put_word(json, "reason", facts.reason);
    put_vars(json, facts.vars);
    return json;
}

} // namespace

std::string stored(const events::Facts& facts)
{
    return dumped(json_of(facts));
}

std::string stored(const events::CallRecord& record)
{
    Json json = json_of(record.facts);
    if (record.first_did != record.facts.did)
        json[first_did_member] = record.first_did.str(); // empty too
    return dumped(json);
}

std::optional<events::Facts> facts_of(std::string_view json)
{
    events::Facts facts;
    Reader reader(json);
    reader.word("direction", facts.direction, events::direction_of);
    reader.text("did", facts.did);
    reader.text("callerid", facts.callerid);
    reader.text("callername", facts.callername);
    reader.word("presentation", facts.presentation, presentation_of);
    reader.texts("targets", facts.targets);
    reader.text("answered_by", facts.answered_by);
    reader.text("transferred_by", facts.transferred_by);
    reader.word("transfer", facts.transfer, events::transfer_of);
    reader.word("reason", facts.reason, events::end_reason_of);
    reader.vars(facts.vars);
    return reader.is_good() ? std::optional(std::move(facts)) : std::nullopt;
}

CallText first_did_of(std::string_view json, const events::Facts& facts)
{
    CallText did = facts.did;
    Reader reader(json);
    reader.text(first_did_member, did);
    return did;
}

std::string stored(const Call& call)
{
    Json json{{"did", call.did.str()}, {"presentation", to_string(call.presentation)}};
    put_text(json, "callerid", call.callerid);
    put_text(json, "callername", call.callername);
    put_text(json, "call_id", call.call_id);
    if (call.trace.is_known()) {
        json["trace_high"] = call.trace.high;
        json["trace_low"] = call.trace.low;
        json["trace_sampled"] = call.trace.sampled;
    }
    put_vars(json, call.vars);
    return dumped(json);
}

std::optional<Call> call_of(std::string_view json)
{
    CallText did;
    Reader reader(json);
    reader.text("did", did);
    const auto checked_did = Did::from(did.view());
    if (!checked_did)
        return std::nullopt;
    Call call{.did = *checked_did, .callerid = {}, .callername = {}, .call_id = {}};
    std::optional<Presentation> presentation;
    reader.word("presentation", presentation, presentation_of);
    call.presentation = presentation.value_or(Presentation::allowed);
    reader.text("callerid", call.callerid);
    reader.text("callername", call.callername);
    reader.text("call_id", call.call_id);
    reader.number("trace_high", call.trace.high);
    reader.number("trace_low", call.trace.low);
    reader.flag("trace_sampled", call.trace.sampled);
    reader.vars(call.vars);
    return reader.is_good() ? std::optional(std::move(call)) : std::nullopt;
}

std::string masked(std::string_view json)
{
    constexpr std::array names{"did", "callerid", "callername", "answered_by", "transferred_by"};
    Json masked = Json::parse(json, nullptr, false);
    if (!masked.is_object())
        return "{}";
    for (const char* name : names)
        if (masked.contains(name))
            masked[name] = mask;
    for (const char* name : {"targets", "vars"})
        if (masked.contains(name))
            for (Json& member : masked[name])
                member = mask;
    return dumped(masked);
}

bool is_masked(std::string_view json)
{
    return json.find(mask) != std::string_view::npos && json == masked(json);
}

} // namespace dialhook::spool
