#include "api/engine_http/form.hpp"

#include "base/json_reader.hpp"
#include "base/percent.hpp"

#include <optional>

namespace dialhook::engine_http {
namespace {

void append_pair(std::string& form, std::string_view name, std::string_view value)
{
    if (!form.empty())
        form += '&';
    percent::append_encoded(form, name);
    form += '=';
    percent::append_encoded(form, value);
}

/// Returns the texts of a list with commas between them, or nullopt if it holds something else.
std::optional<std::string> joined_texts(std::string_view list)
{
    JsonReader json(list);
    json.enter();
    std::string all;
    for (bool is_first = true; json.more_elements(); is_first = false) {
        if (json.next() != JsonReader::Kind::string)
            return std::nullopt;
        JsonString text;
        json.read_string(text);
        if (!is_first)
            all += ',';
        all += text.text;
    }
    return all;
}

/// Appends the members of `object`. Each name gets `prefix`.
class Flattening
{
public:
    explicit Flattening(std::string& form)
        : form_(form)
    {
    }

    void append(std::string_view object, std::string_view prefix)
    {
        JsonReader json(object);
        json.enter();
        for (JsonString member; json.more_members(member);) {
            const std::string name = std::string(prefix).append(member.text);
            if (json.next() == JsonReader::Kind::string) {
                JsonString value;
                json.read_string(value);
                append_pair(form_, name, value.text);
            } else {
                const JsonReader::Kind kind = json.next();
                std::string_view raw;
                json.read_raw(raw);
                append_other(name, kind, raw);
            }
        }
    }

private:
    void append_other(std::string_view name, JsonReader::Kind kind, std::string_view raw)
    {
        if (raw == "null" || raw == "[]" || raw == "{}")
            return;
        if (name == "callerid" && kind == JsonReader::Kind::object)
            return append_callerid(raw);
        if (name == "variables" && kind == JsonReader::Kind::object)
            return append(raw, "var.");
        const auto texts = kind == JsonReader::Kind::array && name != "steps" ? joined_texts(raw) : std::nullopt;
        append_pair(form_, name, texts ? std::string_view(*texts) : raw);
    }

    void append_callerid(std::string_view object)
    {
        JsonReader json(object);
        json.enter();
        for (JsonString member; json.more_members(member);) {
            const bool is_number = member.text == "number";
            JsonString value;
            if (json.next() != JsonReader::Kind::string)
                json.skip();
            else if (json.read_string(value))
                append_pair(form_, is_number ? "callerid" : "presentation", value.text);
        }
    }

    std::string& form_;
};

} // namespace

std::string form_of(std::string_view json)
{
    std::string form;
    Flattening(form).append(json, {});
    return form;
}

} // namespace dialhook::engine_http
