#include "ctl/mock/replies_file.hpp"

#include "base/ascii.hpp"
#include "ctl/terminal.hpp"
#include "yaml/times.hpp"
#include "yaml/value.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <utility>

namespace dialhook::mock {
namespace {

using Json = nlohmann::ordered_json;
using config::Value;
using Milliseconds = std::chrono::milliseconds;

constexpr std::size_t deepest_json = 64;

constexpr std::string_view known_keys = "method, path, did, callerid, callername, call_id, presentation, code, params, "
                                        "reply, json, body, http_status, headers, delay, drip, hang, close, reset";

bool has_control_characters(std::string_view text)
{
    return std::any_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

/// Returns the key of `value` in the quotes of a message.
std::string named(const Value& value)
{
    return "'" + std::string(value.name()) + "'";
}

/// Reads one rule, and says at the right place what is wrong with it.
class RuleReader
{
public:
    RuleReader(config::FaultList& faults, const Value& rule)
        : faults_(faults)
        , node_(rule)
    {
    }

    Rule read()
    {
        node_.each_entry([this](const Value& value) { read_pair(value); });
        check_answer();
        if (has_body_)
            rule_.answer = std::move(respond_);
        return std::move(rule_);
    }

private:
    void fault_at(const Value& value, config::Mark mark, std::string message)
    {
        if (value.kind() != config::NodeKind::broken) // else its fault is known
            faults_.add(value.file(), mark, std::move(message));
    }
    void fault(const Value& value, std::string message) { fault_at(value, value.mark(), std::move(message)); }
    void fault_of_key(const Value& value, std::string message)
    {
        fault_at(value, value.key_mark(), std::move(message));
    }

    void read_pair(const Value& value)
    {
        const std::string key(value.name());
        constexpr std::array<std::string_view, 6> call{"did",     "callerid",     "callername",
                                                       "call_id", "presentation", "code"};
        if (std::find(call.begin(), call.end(), key) != call.end())
            read_condition(value);
        else if (key == "params")
            read_map(value, [this](const Value& parameter) { read_condition(parameter); });
        else if (key == "method")
            read_pattern(value, rule_.method);
        else if (key == "path")
            read_pattern(value, rule_.path);
        else if (key == "delay")
            read_delay(value, rule_.delay);
        else if (key == "hang" || key == "close" || key == "reset")
            read_silence(value);
        else if (!read_response_pair(key, value))
            fault_of_key(value, "unknown key '" + key + "'; a rule has " + std::string(known_keys));
    }

    bool read_response_pair(const std::string& key, const Value& value)
    {
        if (key == "reply") {
            respond_.body = Fields{};
            read_map(value, [this](const Value& field) { read_template(field, std::get<Fields>(respond_.body)); });
        } else if (key == "json") {
            read_json(value);
        } else if (key == "body") {
            raw_body_ = text_of(value);
        } else if (key == "http_status") {
            read_status(value);
        } else if (key == "headers") {
            read_map(value, [this](const Value& header) { read_header(header); });
        } else if (key == "drip") {
            respond_.drip.emplace();
            read_delay(value, *respond_.drip);
        } else {
            return false;
        }
        if ((key == "reply" || key == "json") && std::exchange(has_reply_, true))
            fault(value, "a rule has 'reply' or 'json', not both");
        has_body_ = true;
        response_key_ = key;
        return true;
    }

    void read_json(const Value& value)
    {
        if (value.kind() != config::NodeKind::mapping)
            return fault(value, "'json' must be a map: a reply in JSON is an object");
        respond_.body = std::make_shared<const Json>(json_of(value, 0));
    }

    /// Plain numbers, booleans and null are what they look like, all else is a template.
    Json json_of(const Value& value, std::size_t depth)
    {
        Json json;
        if (depth == deepest_json) {
            fault(value, "'json' is nested too deeply");
        } else if (value.kind() == config::NodeKind::mapping) {
            json = Json::object();
            value.each_entry([&](const Value& member) { json[member.name()] = json_of(member, depth + 1); });
        } else if (value.kind() == config::NodeKind::list) {
            json = Json::array();
            value.each_item("a list", [&](const Value& item) { json.push_back(json_of(item, depth + 1)); });
        } else {
            json = value.written();
            if (value.is_plain()) {
                Json plain = Json::parse(value.written(), nullptr, false);
                if (plain.is_primitive() && !plain.is_string())
                    return plain;
            }
            if (!Template::read(value.written()))
                say_braces(value);
        }
        return json;
    }

    void say_braces(const Value& value)
    {
        fault(value, "a single brace; {name} stands for a parameter of the request, {{ and }} for braces");
    }

    std::optional<std::string> text_of(const Value& value)
    {
        if (value.is_scalar())
            return std::string(value.written());
        fault(value, named(value) + " must be text");
        return std::nullopt;
    }

    template <class Take>
    void read_map(const Value& value, Take take)
    {
        if (value.kind() == config::NodeKind::mapping)
            value.each_entry(take);
        else
            fault(value, named(value) + " must be a map of names and texts");
    }

    void read_condition(const Value& value)
    {
        if (const auto text = text_of(value))
            rule_.parameters.emplace_back(value.name(), Pattern(*text));
    }

    void read_pattern(const Value& value, std::optional<Pattern>& pattern)
    {
        if (const auto text = text_of(value))
            pattern.emplace(*text);
    }

    void read_delay(const Value& value, Milliseconds& time)
    {
        const auto text = text_of(value);
        if (!text)
            return;
        if (const auto read = config::parse_time(*text))
            time = *read;
        else
            fault(value, named(value) + " must be a time such as 250ms or 1.5s, found '" + *text + "'");
    }

    void read_silence(const Value& value)
    {
        const std::string key(value.name());
        const auto text = text_of(value);
        if (!text)
            return;
        if (*text != "true") {
            fault(value, "'" + key + "' can only be true; leave it out otherwise");
            return;
        }
        if (!silence_.empty())
            fault(value, "'" + key + "' cannot stand beside '" + silence_ + "'");
        silence_ = key;
        if (key == "hang")
            rule_.answer = Hang{};
        else if (key == "close")
            rule_.answer = Close{};
        else
            rule_.answer = Reset{};
    }

    void read_status(const Value& value)
    {
        const auto text = text_of(value);
        if (!text)
            return;
        unsigned status = 0;
        const char* const end = text->data() + text->size();
        const auto [stopped, error] = std::from_chars(text->data(), end, status);
        if (error == std::errc{} && stopped == end && status >= 200 && status <= 599)
            respond_.status = status;
        else
            fault(value, "'http_status' must be a number from 200 to 599, found '" + *text + "'");
    }

    void read_header(const Value& value)
    {
        if (!ascii::is_token(value.name()))
            fault_of_key(value, named(value) + " cannot be the name of a header");
        else if (value.is_scalar() && has_control_characters(value.written()))
            fault(value, "a header cannot hold control characters");
        else
            read_template(value, respond_.headers);
    }

    void read_template(const Value& value, Fields& fields)
    {
        const auto text = text_of(value);
        if (!text)
            return;
        if (auto read = Template::read(*text))
            fields.emplace_back(value.name(), std::move(*read));
        else
            say_braces(value);
    }

    void check_answer()
    {
        if (raw_body_) {
            if (has_reply_)
                fault(node_, "a rule has 'reply', 'json' or 'body', not two of them");
            respond_.body = *raw_body_;
        }
        if (!silence_.empty() && has_body_)
            fault(node_, "'" + silence_ + "' answers nothing: '" + response_key_ + "' cannot stand beside it");
        if (silence_.empty() && !has_body_)
            fault(node_, "a rule needs an answer: reply, json, body, http_status, hang, close or reset");
        const bool is_bodiless = respond_.status == 204 || respond_.status == 304;
        if (is_bodiless && (has_reply_ || (raw_body_ && !raw_body_->empty())))
            fault(node_, "a response " + std::to_string(respond_.status) + " cannot have a body");
    }

    config::FaultList& faults_;
    const Value& node_;
    Rule rule_;
    Respond respond_;
    std::optional<std::string> raw_body_;
    bool has_reply_ = false;
    bool has_body_ = false;    ///< one of the keys of a response was there
    std::string response_key_; ///< the last one of them
    std::string silence_;      ///< hang, close or reset, whichever was there
};

} // namespace

std::variant<ReplyRules, FileErrors> read_replies(std::string_view yaml, const std::string& name)
{
    constexpr std::string_view is_a_list = "a replies file is a list of rules, each beginning with '- '";
    constexpr config::DocumentWords words{is_a_list, "a file of replies holds one, so remove the `---`",
                                          "write out what rules have in common"};
    config::FaultList faults;
    const config::SourceFile source(faults.add_file(name), std::string(yaml));
    ReplyRules rules;
    if (const auto document = config::Document::parse(source, faults, words)) {
        const config::OpenFile file{source, *document, faults};
        const Value root(file);
        if (root.kind() != config::NodeKind::list)
            faults.add(root.file(), {1, 1}, std::string(is_a_list));
        else
            root.each_item(is_a_list, [&](const Value& rule) {
                if (rule.kind() == config::NodeKind::mapping)
                    rules.push_back(RuleReader(faults, rule).read());
                else if (rule.kind() != config::NodeKind::broken)
                    faults.add(rule.file(), rule.mark(), "a rule is a map such as {path: /crm, reply: {status: ACK}}");
            });
    }
    if (!faults.has_faults())
        return rules;
    FileErrors errors;
    for (const config::Fault& fault : faults.sorted())
        errors.push_back(ctl::harmless(fault.str()));
    return errors;
}

} // namespace dialhook::mock
