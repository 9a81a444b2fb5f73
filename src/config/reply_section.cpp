#include "config/reply_section.hpp"

#include "base/text.hpp"
#include "webhook/reply.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dialhook::config {
namespace {

constexpr Choices<ReplyFormat, 4> formats{
    {"auto", "form", "json", "text"},
    {ReplyFormat::automatic, ReplyFormat::form, ReplyFormat::json, ReplyFormat::text}};

constexpr std::size_t max_key = 256;

constexpr std::string_view a_pointer = "a JSON Pointer (RFC 6901), such as /contact/phones/0";

struct Field
{
    std::string_view key;
    ReplyField field;
};
constexpr std::array fields{Field{"status", ReplyField::status}, Field{"destination", ReplyField::destination},
                            Field{"callername", ReplyField::callername}};

std::string expected_by(ReplyFormat format, ReplyField field)
{
    std::string expected(format == ReplyFormat::form ? std::string_view("the name of a form's key") : a_pointer);
    if (format == ReplyFormat::automatic)
        expected += ", or the name of a form's key";
    if (field == ReplyField::status)
        expected += ", or the word ACK";
    return expected;
}

/// Returns the reference tokens of a JSON Pointer, first to last.
std::vector<std::string> tokens_of(nlohmann::json::json_pointer pointer)
{
    std::vector<std::string> tokens;
    for (; !pointer.empty(); pointer.pop_back())
        tokens.push_back(pointer.back());
    std::ranges::reverse(tokens);
    return tokens;
}

std::optional<std::vector<std::string>> read_pointer(const Value& value, std::string_view text)
{
    try {
        auto tokens = tokens_of(nlohmann::json::json_pointer(std::string(text)));
        if (tokens.size() <= ReplyOptions::max_depth)
            return tokens;
        value.fault("the JSON Pointer has more than 32 names in it, and a reply may not be deeper than that");
    } catch (const nlohmann::json::exception&) { // the slash at its start is there, so it can only be this
        value.fault_in_text(
            text.find('~'),
            "in a JSON Pointer a ~ is written ~0, and a / inside a name ~1; no other ~ may stand in it");
    }
    return std::nullopt;
}

bool is_index(std::string_view token)
{
    return !token.empty() && std::ranges::all_of(token, [](char c) { return c >= '0' && c <= '9'; });
}

bool is_form_key(std::string_view text)
{
    return text.size() <= max_key && text::trimmed(text) == text && text.find_first_of("&=$/") == text.npos &&
           !text::has_controls(text);
}

class ReplyReader
{
public:
    ReplyReader(const Value& mapping, ReplyFormat format)
        : mapping_(mapping)
    {
        options_.format = format;
    }

    ReplyOptions read()
    {
        for (const auto& [key, field] : fields)
            if (const auto value = mapping_.entry(key))
                read_field(*value, field);
            else
                options_.targets.push_back(reply_key(field, key));
        options_.targets.push_back(reply_key(ReplyField::ring, "ring"));
        check_keys();
        if (const auto value = mapping_.entry("variables"); value && !refuse_in_text(*value))
            read_variables(*value);
        options_.points_into_a_list =
            options_.format == ReplyFormat::json && std::ranges::any_of(options_.targets, [](const auto& target) {
                return target.key.empty() && is_index(target.pointer.front());
            });
        return std::move(options_);
    }

private:
    bool refuse_in_text(const Value& value) const
    {
        if (options_.format == ReplyFormat::text)
            value.fault_at_key("with `format: text` the whole body is the name, so nothing else can be read from it; "
                               "remove this key, or choose another format");
        return options_.format == ReplyFormat::text;
    }

    void read_field(const Value& value, ReplyField field)
    {
        if (refuse_in_text(value))
            return;
        const std::string expected = expected_by(options_.format, field);
        const auto text = value.text(expected);
        if (!text)
            return;
        options_.has_own_keys = true;
        if (field == ReplyField::status && *text == "ACK") {
            options_.is_always_ack = true;
            return;
        }
        const bool is_pointer = text->starts_with('/');
        const bool fits = is_pointer ? options_.format != ReplyFormat::form
                                     : options_.format != ReplyFormat::json && !text->empty() && is_form_key(*text);
        const bool is_status_word = field == ReplyField::status && (text::equals_ignoring_case(*text, "ACK") ||
                                                                    text::equals_ignoring_case(*text, "NAK") ||
                                                                    text::equals_ignoring_case(*text, "ERR"));
        if (!fits || is_status_word)
            return value.unexpected(expected + remedy(*text));
        if (!is_pointer)
            options_.targets.push_back(reply_key(field, *text));
        else if (auto tokens = read_pointer(value, *text))
            options_.targets.push_back({.field = field, .pointer = *std::move(tokens)});
    }

    /// Returns the remedy for a name without its slash, or a path as other programs write it.
    std::string remedy(std::string_view text) const
    {
        if (options_.format == ReplyFormat::form && text.starts_with('/'))
            return "; JSON Pointers lead into JSON, and `format` is form here";
        const bool may_be_path = options_.format == ReplyFormat::json || text.starts_with('$');
        if (!may_be_path || text.empty() || !text::is_utf8(text))
            return {};
        std::string pointer;
        for (const char byte : text.substr(text.starts_with("$.") ? 2 : 0))
            pointer += byte == '.' || byte == '[' ? std::string("/") : std::string(byte == ']' ? 0 : 1, byte);
        return "; did you mean " + in_quotes("/" + pointer) + "?";
    }

    /// In a form, one key has one meaning.
    void check_keys() const
    {
        for (const auto& [key, field] : fields) {
            const auto value = mapping_.entry(key);
            if (!value || value->written().starts_with('/'))
                continue;
            const auto has_this_key = [&](const ReplyTarget& target) {
                return !target.key.empty() && text::equals_ignoring_case(target.key, value->written());
            };
            if (std::ranges::count_if(options_.targets, has_this_key) > 1)
                value->fault(
                    "two of `status`, `destination` and `callername` are read from this key; name another one");
        }
    }

    void read_variables(const Value& mapping)
    {
        if (options_.format == ReplyFormat::form)
            return mapping.fault_at_key(
                "of a form, every further key is a variable; `variables` leads into JSON alone");
        options_.has_own_variables = true;
        mapping.each_entry([&](const Value& value) { read_variable(value); });
        if (mapping.entries() > Reply::max_variables)
            mapping.fault("found more than 64 variables, and no reply hands on more");
    }

    void read_variable(const Value& value)
    {
        if (!is_variable_name(value.name()))
            return value.fault_of_key("found " + in_quotes(value.name()) +
                                      " as the name of a variable, expected 1 to 64 letters, digits, '-' and '_'" +
                                      value.odd_character_in_key());
        const auto text = value.text(a_pointer);
        if (!text)
            return;
        if (!text->starts_with('/'))
            return value.unexpected(std::string(a_pointer));
        if (auto tokens = read_pointer(value, *text))
            options_.targets.push_back(
                {.field = ReplyField::variable, .variable = std::string(value.name()), .pointer = *std::move(tokens)});
    }

    const Value& mapping_;
    ReplyOptions options_;
};

void read_reply(const Value& value, WebhookDraft& draft)
{
    ReplyOptions options = ReplyOptions::standard();
    if (value.is_scalar() && !value.is_nothing()) {
        if (const auto chosen = value.choice(formats.words))
            options.format = formats.meanings[*chosen];
    } else {
        ReplyDraft read;
        if (reply_keys().read(value, read))
            options = ReplyReader(value, read.format).read();
    }
    draft.reply =
        options == ReplyOptions::standard() ? nullptr : std::make_shared<const ReplyOptions>(std::move(options));
}

std::string words_schema()
{
    return choice_schema(formats.words);
}

} // namespace

void add_reply(KeyTable<WebhookDraft>& keys)
{
    keys.number<WebhookDraft, std::uint8_t>("max_destinations", &WebhookDraft::max_destinations, 1,
                                            Ringing::max_destinations,
                                            "How many destinations a reply may name; they ring at once, or in turn.");
    keys.key({"reply", "word, or a mapping", "`auto`", "see `webhooks.NAME.reply`",
              "How replies are read: `auto`, `form`, `json`, `text`, or which values of another service's JSON count.",
              words_schema()},
             read_reply);
}

const KeyTable<ReplyDraft>& reply_keys()
{
    static const auto keys = [] {
        constexpr std::string_view place = R"({"type":"string","minLength":1})";
        const auto read_later = [](const Value&, ReplyDraft&) {};
        KeyTable<ReplyDraft> all;
        all.choice(
            "format", &ReplyDraft::format, formats,
            "`auto` is JSON where the body begins with `{`, else a form; of `text`, the first line is the name.");
        all.key({"status", "JSON Pointer, key or word", "`status`", "`ACK`, `/pointer`, a form's key",
                 "Where the status is: ACK, NAK or ERR, or `true` and `false`. The word `ACK` makes every reply one.",
                 std::string(place)},
                read_later);
        all.key({"destination", "JSON Pointer or key", "`destination`", "`/pointer`, a form's key",
                 "Where the number or SIP URI to dial is.", std::string(place)},
                read_later);
        all.key({"callername", "JSON Pointer or key", "`callername`", "`/pointer`, a form's key",
                 "Where the name to show is.", std::string(place)},
                read_later);
        all.key(
            {"variables", "mapping of JSON Pointers", "all further members", "at most 64",
             "Variables for the dialplan, and where in the JSON each is.",
             R"({"type":["object","null"],"maxProperties":64,"propertyNames":{"pattern":"^[A-Za-z0-9_-]{1,64}$",)"
             R"("patternErrorMessage":"expected 1 to 64 letters, digits, _ and -"},"additionalProperties":)"
             R"({"type":"string","pattern":"^/","patternErrorMessage":"expected a JSON Pointer, such as /account/tier"}})"},
            read_later);
        return all;
    }();
    return keys;
}

} // namespace dialhook::config
