#include "config/schema.hpp"

#include "config/notification_section.hpp"
#include "config/reference.hpp"
#include "config/step_schema.hpp"
#include "config/tls_section.hpp"
#include "config/webhook_section.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <stdexcept>
#include <string_view>

namespace dialhook::config {
namespace {

using Json = nlohmann::ordered_json;

struct Type
{
    std::string_view name; ///< as the tables of keys say it
    std::string_view schema;
};

constexpr std::array types{
    Type{"boolean", R"({"type":"boolean"})"},
    Type{"text", R"({"type":["string","number","boolean"]})"},
    Type{"text with",
         R"({"type":"string","pattern":"\\$\\{[a-z]+\\}","patternErrorMessage":"expected a text with ${…} in it"})"},
    Type{"audio file", R"({"type":["string","number"],"minLength":1,"maxLength":256})"},
    Type{
        "path",
        R"({"type":"string","pattern":"^/.*[^/]$","patternErrorMessage":"expected the absolute path of a file, such as /etc/dialhook/file"})"},
    Type{
        "octal mode",
        R"({"type":["string","integer"],"pattern":"^(0o)?0*[0-7]{1,3}$","patternErrorMessage":"expected a file mode in octal from 0000 to 0777, such as 0660","minimum":0,"maximum":777})"},
    Type{"group", R"({"type":["string","integer"]})"},
    Type{"list of users", R"({"type":"array","items":{"type":["string","integer"]},"minItems":1})"},
    Type{"list of groups", R"({"type":"array","items":{"type":["string","integer"]},"minItems":1})"},
    Type{
        "address with port",
        R"({"type":"string","pattern":":[0-9]{1,5}$","patternErrorMessage":"expected an address with a port, such as 127.0.0.1:4573 or [::1]:4573"})"},
    Type{"list of addresses", R"({"type":["array","null"],"items":{"type":"string"}})"},
    Type{"list of networks", R"({"type":"array","items":{"type":"string"},"minItems":1})"},
    Type{"list of names", R"({"type":["array","null"],"items":{"type":"string"}})"},
    Type{"list", R"({"type":["array","null"],"items":{"type":"string"}})"},
    Type{"digits",
         R"({"type":["string","integer"],"pattern":"^[0-9]{1,8}$","patternErrorMessage":"expected 1 to 8 digits"})"},
    Type{
        "key",
        R"({"type":["string","integer"],"pattern":"^[0-9A-D*#]$","patternErrorMessage":"expected one key of a telephone: 0 to 9, *, # or A to D","minimum":0,"maximum":9})"},
    Type{"URL",
         R"({"type":"string","pattern":"^http://","patternErrorMessage":"expected a URL that starts with http://"})"},
    Type{
        "URL template",
        R"({"type":"string","pattern":"^[Hh][Tt][Tt][Pp][Ss]?://[^ ]+$","patternErrorMessage":"expected a URL that starts with http:// or https:// and has no spaces in it"})"},
    Type{"secret, or a list of them",
         R"({"type":["string","array"],"minLength":1,"items":{"type":"string"},"minItems":1,"maxItems":10})"},
    Type{"list of tokens", R"({"type":"array","items":{"type":"string"},"minItems":1})"},
    Type{"list of patterns", R"({"type":"array","items":{"type":["string","number"]},"minItems":1})"},
    Type{"glob pattern, or a list of them",
         R"({"type":["string","array","null"],"minLength":1,"items":{"type":"string"}})"},
    Type{"mapping", R"({"type":["object","null"],"additionalProperties":{"type":["string","number","boolean"]}})"},
    Type{"mapping of DIDs", R"({"type":["object","null"],"additionalProperties":{"$ref":"#/definitions/steps"}})"},
};

Json object_of(std::string_view path, std::span<const KeyRow> keys);

Json schema_of_type(const KeyRow& row)
{
    const std::string_view name = std::string_view(row.type).substr(0, row.type.find(" `"));
    for (const Type& type : types)
        if (type.name == name)
            return Json::parse(type.schema);
    throw std::logic_error("no schema for values of the type " + row.type + ", key " + std::string(row.name));
}

/// Returns a mapping of names to what `keys` describe.
Json named(std::string_view path, std::span<const KeyRow> keys)
{
    return {{"type", {"object", "null"}},
            {"propertyNames",
             {{"pattern", "^[A-Za-z0-9 ._-]{1,64}$"},
              {"patternErrorMessage", "expected 1 to 64 letters, digits, spaces, '-', '_' and '.'"}}},
            {"additionalProperties", object_of(path, keys)}};
}

/// Returns the values that a key takes, by the section that it opens, by its row (or either of both), or by its type.
Json values_of(std::string_view path, const KeyRow& row)
{
    if (row.name == "defaults" && path.empty())
        return object_of("webhooks.NAME", default_keys().rows());
    if (row.name == "webhooks" && path.empty())
        return named("webhooks.NAME", webhook_keys().rows());
    if (row.name == "notifications" && path.empty())
        return named("notifications.NAME", notification_keys().rows());
    if (row.name == "tls" && path != "server.engine_http") // else the same keys wherever it stands
        return object_of("webhooks.NAME.tls", tls_keys().rows());
    const std::string full = path.empty() ? std::string(row.name) : std::string(path) + "." + std::string(row.name);
    for (const Section& section : reference())
        if (section.path == full)
            return row.schema.empty() ? object_of(full, section.keys)
                                      : Json{{"anyOf", {Json::parse(row.schema), object_of(full, section.keys)}}};
    return row.schema.empty() ? schema_of_type(row) : Json::parse(row.schema);
}

/// Returns what Markdown shows as one piece of code, or nothing.
std::string_view code_alone(std::string_view markdown)
{
    const bool is_code = markdown.size() > 2 && markdown.front() == '`' && markdown.find('`', 1) == markdown.size() - 1;
    return is_code ? markdown.substr(1, markdown.size() - 2) : std::string_view();
}

std::string description_of(const KeyRow& row)
{
    std::string text = row.meaning;
    if (!row.default_value.empty() && row.default_value != "required")
        text += " Default: " + row.default_value + ".";
    if (!row.range.empty() && !row.range.starts_with("see "))
        text += " Values: " + row.range + ".";
    return text;
}

/// Returns the keys of a section, each with its default.
Json defaults_of(const Json& section)
{
    Json defaults = Json::object();
    for (const auto& [name, schema] : section.at("properties").items())
        if (schema.contains("default"))
            defaults[name] = schema["default"];
    return defaults;
}

Json property(std::string_view path, const KeyRow& row)
{
    Json values = values_of(path, row);
    const auto word = code_alone(row.default_value);
    const bool opens_a_section = values.contains("properties");
    Json schema{{"description", description_of(row)}};
    if (opens_a_section && word == "off") {
        // An editor completes the key to what it opens, not to the word that closes it.
        schema["defaultSnippets"] = {{{"label", row.name}, {"body", defaults_of(values)}}};
        schema["anyOf"] = {std::move(values), {{"enum", {word}}}};
        return schema;
    }
    if (word == "off" || word == "any")
        values = {{"anyOf", {{{"enum", {word}}}, std::move(values)}}};
    schema.update(values);
    if (values.value("type", Json()) == "integer" || values.value("type", Json()) == "boolean")
        schema["default"] = Json::parse(word);
    else if (!word.empty() && !word.starts_with('['))
        schema["default"] = word;
    return schema;
}

Json object_of(std::string_view path, std::span<const KeyRow> keys)
{
    Json properties = Json::object();
    Json required = Json::array();
    for (const KeyRow& row : keys) {
        properties[std::string(row.name)] = property(path, row);
        if (row.default_value == "required")
            required.push_back(row.name);
    }
    Json object{{"type", "object"}, {"properties", std::move(properties)}, {"additionalProperties", false}};
    if (required.empty())
        object["type"] = {"object", "null"};
    else
        object["required"] = std::move(required);
    return object;
}

} // namespace

std::string json_schema()
{
    Json schema{{"$schema", "http://json-schema.org/draft-07/schema#"}, {"title", "Dialhook configuration"}};
    Json top = object_of("", reference().front().keys);
    top["type"] = "object";
    schema.update(top);
    schema["definitions"] = step_definitions();
    schema["definitions"]["field"] = Json::parse(
        R"({"type":["string","number","boolean","object","array"],"additionalProperties":{"$ref":"#/definitions/field"},
            "minProperties":1,"items":{"$ref":"#/definitions/field"},"minItems":1})");
    return schema.dump(2) + "\n";
}

} // namespace dialhook::config
