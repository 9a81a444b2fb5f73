#include "ctl/mock/replies_file.hpp"

#include "ctl/mock/yaml.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <memory>
#include <utility>

namespace dialhook::mock {
namespace {

using Json = nlohmann::ordered_json;
using Milliseconds = std::chrono::milliseconds;

constexpr std::size_t deepest_json = 64;

constexpr std::string_view known_keys = "method, path, did, callerid, callername, call_id, presentation, code, params, "
                                        "reply, json, body, http_status, headers, delay, drip, hang, close, reset";

/// `250ms`, `1.5s`, `2m`, `1h`; a bare number is seconds.
std::optional<Milliseconds> read_time(std::string_view text)
{
    double number = 0;
    const char* const end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, number, std::chars_format::fixed);
    const std::string_view unit(stopped, static_cast<std::size_t>(end - stopped));
    constexpr std::array<std::pair<std::string_view, double>, 5> units{
        {{"ms", 1}, {"", 1000}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}}};
    const auto* const found =
        std::find_if(units.begin(), units.end(), [unit](const auto& u) { return u.first == unit; });
    const bool is_sane = error == std::errc{} && number >= 0 && number <= 1e6 && found != units.end();
    if (!is_sane)
        return std::nullopt;
    return Milliseconds(std::llround(number * found->second));
}

bool is_token(std::string_view text)
{
    constexpr std::string_view others = "!#$%&'*+-.^_`|~";
    return !text.empty() && std::all_of(text.begin(), text.end(), [others](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               others.find(c) != others.npos;
    });
}

bool has_control_characters(std::string_view text)
{
    return std::any_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

/// Reads one rule, and says at the right place what is wrong with it.
class RuleReader
{
public:
    RuleReader(YamlDocument& yaml, const yaml_node_t& node)
        : yaml_(yaml)
        , node_(node)
    {
    }

    Rule read()
    {
        for_each_pair(node_, [this](const std::string& key, const yaml_node_t& key_node, const yaml_node_t& value) {
            read_pair(key, key_node, value);
        });
        check_answer();
        if (has_body_)
            rule_.answer = std::move(respond_);
        return std::move(rule_);
    }

private:
    template <class Take>
    void for_each_pair(const yaml_node_t& mapping, Take take)
    {
        std::vector<std::string> seen;
        for (const auto* pair = mapping.data.mapping.pairs.start; pair < mapping.data.mapping.pairs.top; ++pair) {
            const yaml_node_t& key = *yaml_.node(pair->key);
            if (key.type != YAML_SCALAR_NODE) {
                yaml_.error_at(key, "a key must be plain text");
                continue;
            }
            const std::string name = scalar(key);
            if (std::find(seen.begin(), seen.end(), name) != seen.end())
                yaml_.error_at(key, "'" + name + "' appears here twice");
            else
                take(name, key, *yaml_.node(pair->value));
            seen.push_back(name);
        }
    }

    void read_pair(const std::string& key, const yaml_node_t& key_node, const yaml_node_t& value)
    {
        constexpr std::array<std::string_view, 6> call{"did",     "callerid",     "callername",
                                                       "call_id", "presentation", "code"};
        if (std::find(call.begin(), call.end(), key) != call.end())
            read_condition(key, value);
        else if (key == "params")
            read_map(key, value, [this](const auto& name, const auto&, const auto& v) { read_condition(name, v); });
        else if (key == "method")
            read_pattern(key, value, rule_.method);
        else if (key == "path")
            read_pattern(key, value, rule_.path);
        else if (key == "delay")
            read_delay(key, value, rule_.delay);
        else if (key == "hang" || key == "close" || key == "reset")
            read_silence(key, value);
        else if (!read_response_pair(key, value))
            yaml_.error_at(key_node, "unknown key '" + key + "'; a rule has " + std::string(known_keys));
    }

    bool read_response_pair(const std::string& key, const yaml_node_t& value)
    {
        if (key == "reply") {
            respond_.body = Fields{};
            read_map(key, value, [this](const auto& name, const auto&, const auto& v) {
                read_template(name, v, std::get<Fields>(respond_.body));
            });
        } else if (key == "json") {
            read_json(value);
        } else if (key == "body") {
            raw_body_ = text_of(key, value);
        } else if (key == "http_status") {
            read_status(key, value);
        } else if (key == "headers") {
            read_map(key, value, [this](const auto& name, const auto& at, const auto& v) { read_header(name, at, v); });
        } else if (key == "drip") {
            respond_.drip.emplace();
            read_delay(key, value, *respond_.drip);
        } else {
            return false;
        }
        if ((key == "reply" || key == "json") && std::exchange(has_reply_, true))
            yaml_.error_at(value, "a rule has 'reply' or 'json', not both");
        has_body_ = true;
        response_key_ = key;
        return true;
    }

    void read_json(const yaml_node_t& value)
    {
        if (value.type != YAML_MAPPING_NODE)
            return yaml_.error_at(value, "'json' must be a map: a reply in JSON is an object");
        respond_.body = std::make_shared<const Json>(json_of(value, 0));
    }

    /// Plain numbers, booleans and null are what they look like, all else is a template.
    Json json_of(const yaml_node_t& value, std::size_t depth)
    {
        Json json;
        if (depth == deepest_json) {
            yaml_.error_at(value, "'json' is nested too deeply");
        } else if (value.type == YAML_MAPPING_NODE) {
            json = Json::object();
            for_each_pair(value, [&](const std::string& name, const yaml_node_t&, const yaml_node_t& member) {
                json[name] = json_of(member, depth + 1);
            });
        } else if (value.type == YAML_SEQUENCE_NODE) {
            json = Json::array();
            for (const auto* item = value.data.sequence.items.start; item < value.data.sequence.items.top; ++item)
                json.push_back(json_of(*yaml_.node(*item), depth + 1));
        } else {
            json = scalar(value);
            if (value.data.scalar.style == YAML_PLAIN_SCALAR_STYLE) {
                Json plain = Json::parse(scalar(value), nullptr, false);
                if (plain.is_primitive() && !plain.is_string())
                    return plain;
            }
            if (!Template::read(scalar(value)))
                say_braces(value);
        }
        return json;
    }

    void say_braces(const yaml_node_t& value)
    {
        yaml_.error_at(value, "a single brace; {name} stands for a parameter of the request, {{ and }} for braces");
    }

    std::optional<std::string> text_of(const std::string& key, const yaml_node_t& value)
    {
        if (value.type == YAML_SCALAR_NODE)
            return scalar(value);
        yaml_.error_at(value, "'" + key + "' must be text");
        return std::nullopt;
    }

    template <class Take>
    void read_map(const std::string& key, const yaml_node_t& value, Take take)
    {
        if (value.type == YAML_MAPPING_NODE)
            for_each_pair(value, take);
        else
            yaml_.error_at(value, "'" + key + "' must be a map of names and texts");
    }

    void read_condition(const std::string& name, const yaml_node_t& value)
    {
        if (const auto text = text_of(name, value))
            rule_.parameters.emplace_back(name, Pattern(*text));
    }

    void read_pattern(const std::string& key, const yaml_node_t& value, std::optional<Pattern>& pattern)
    {
        if (const auto text = text_of(key, value))
            pattern.emplace(*text);
    }

    void read_delay(const std::string& key, const yaml_node_t& value, Milliseconds& time)
    {
        const auto text = text_of(key, value);
        if (!text)
            return;
        if (const auto read = read_time(*text))
            time = *read;
        else
            yaml_.error_at(value, "'" + key + "' must be a time such as 250ms or 1.5s, found '" + *text + "'");
    }

    void read_silence(const std::string& key, const yaml_node_t& value)
    {
        const auto text = text_of(key, value);
        if (!text)
            return;
        if (*text != "true") {
            yaml_.error_at(value, "'" + key + "' can only be true; leave it out otherwise");
            return;
        }
        if (!silence_.empty())
            yaml_.error_at(value, "'" + key + "' cannot stand beside '" + silence_ + "'");
        silence_ = key;
        if (key == "hang")
            rule_.answer = Hang{};
        else if (key == "close")
            rule_.answer = Close{};
        else
            rule_.answer = Reset{};
    }

    void read_status(const std::string& key, const yaml_node_t& value)
    {
        const auto text = text_of(key, value);
        if (!text)
            return;
        unsigned status = 0;
        const char* const end = text->data() + text->size();
        const auto [stopped, error] = std::from_chars(text->data(), end, status);
        if (error == std::errc{} && stopped == end && status >= 200 && status <= 599)
            respond_.status = status;
        else
            yaml_.error_at(value, "'http_status' must be a number from 200 to 599, found '" + *text + "'");
    }

    void read_header(const std::string& name, const yaml_node_t& name_node, const yaml_node_t& value)
    {
        if (!is_token(name))
            yaml_.error_at(name_node, "'" + name + "' cannot be the name of a header");
        else if (value.type == YAML_SCALAR_NODE && has_control_characters(scalar(value)))
            yaml_.error_at(value, "a header cannot hold control characters");
        else
            read_template(name, value, respond_.headers);
    }

    void read_template(const std::string& name, const yaml_node_t& value, Fields& fields)
    {
        const auto text = text_of(name, value);
        if (!text)
            return;
        if (auto read = Template::read(*text))
            fields.emplace_back(name, std::move(*read));
        else
            say_braces(value);
    }

    void check_answer()
    {
        if (raw_body_) {
            if (has_reply_)
                yaml_.error_at(node_, "a rule has 'reply', 'json' or 'body', not two of them");
            respond_.body = *raw_body_;
        }
        if (!silence_.empty() && has_body_)
            yaml_.error_at(node_, "'" + silence_ + "' answers nothing: '" + response_key_ + "' cannot stand beside it");
        if (silence_.empty() && !has_body_)
            yaml_.error_at(node_, "a rule needs an answer: reply, json, body, http_status, hang, close or reset");
        const bool is_bodiless = respond_.status == 204 || respond_.status == 304;
        if (is_bodiless && (has_reply_ || (raw_body_ && !raw_body_->empty())))
            yaml_.error_at(node_, "a response " + std::to_string(respond_.status) + " cannot have a body");
    }

    YamlDocument& yaml_;
    const yaml_node_t& node_;
    Rule rule_;
    Respond respond_;
    std::optional<std::string> raw_body_;
    bool has_reply_ = false;
    bool has_body_ = false;    ///< one of the keys of a response was there
    std::string response_key_; ///< the last one of them
    std::string silence_;      ///< hang, close or reset, whichever was there
};

} // namespace

std::variant<Rules, FileErrors> read_replies(std::string_view yaml, const std::string& name)
{
    YamlDocument document(yaml, name);
    if (!document.errors().empty())
        return document.errors();
    const yaml_node_t* const root = document.root();
    if (root == nullptr || root->type != YAML_SEQUENCE_NODE)
        return FileErrors{name + ":1:1: a replies file is a list of rules, each beginning with '- '"};

    Rules rules;
    for (const auto* item = root->data.sequence.items.start; item < root->data.sequence.items.top; ++item) {
        const yaml_node_t& node = *document.node(*item);
        if (node.type == YAML_MAPPING_NODE)
            rules.push_back(RuleReader(document, node).read());
        else
            document.error_at(node, "a rule is a map such as {path: /crm, reply: {status: ACK}}");
    }
    if (!document.errors().empty())
        return document.errors();
    return rules;
}

} // namespace dialhook::mock
