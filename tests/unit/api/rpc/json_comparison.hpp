#pragma once

#include "base/json_reader.hpp"
#include "base/text.hpp"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <string_view>

/// Our JSON reader beside nlohmann/json, for the unit test and the fuzzer.
namespace dialhook::rpc {

/// What a text holds, front to back, a line each: `{`, `k:name`, `s:text`, `n` (a number), `true`, …
class Events
{
public:
    void add(std::string_view event, std::string_view text = {}) { text_.append(event).append(text).append(1, '\n'); }
    bool operator==(const Events&) const = default;

private:
    std::string text_;
};

struct Reading
{
    bool is_json = false;
    bool has_lone_surrogate = false;
    Events events;
};

inline void walk(JsonReader& json, Reading& reading)
{
    using Kind = JsonReader::Kind;
    const Kind kind = json.next();
    if (kind == Kind::object) {
        json.enter();
        reading.events.add("{");
        for (JsonString name; json.more_members(name);) {
            reading.has_lone_surrogate |= name.has_lone_surrogate;
            reading.events.add("k:", name.text);
            walk(json, reading);
        }
        reading.events.add("}");
    } else if (kind == Kind::array) {
        json.enter();
        reading.events.add("[");
        while (json.more_elements())
            walk(json, reading);
        reading.events.add("]");
    } else if (kind == Kind::string) {
        JsonString value;
        json.read_string(value);
        reading.has_lone_surrogate |= value.has_lone_surrogate;
        reading.events.add("s:", value.text);
    } else {
        std::string_view raw;
        json.read_raw(raw);
        reading.events.add(kind == Kind::number ? "n" : raw);
    }
}

/// Ours, by stepping into everything.
inline Reading walked(std::string_view text)
{
    Reading reading;
    JsonReader json(text);
    walk(json, reading);
    reading.is_json = text::is_utf8(text) && json.at_end();
    return reading;
}

/// Ours, by skipping it whole.
inline bool skipped(std::string_view text)
{
    JsonReader json(text);
    return text::is_utf8(text) && json.skip() && json.at_end();
}

/// What nlohmann/json tells of a text, as the same events.
struct Recorder
{
    using json = nlohmann::json;

    bool null() { return add("null"); }
    bool boolean(bool value) { return add(value ? "true" : "false"); }
    bool number_integer(json::number_integer_t) { return add("n"); }
    bool number_unsigned(json::number_unsigned_t) { return add("n"); }
    bool number_float(json::number_float_t, const std::string&) { return add("n"); }
    bool string(const std::string& value) { return add("s:", value); }
    bool binary(const json::binary_t&) { return false; }
    bool start_object(std::size_t) { return add("{"); }
    bool key(const std::string& name) { return add("k:", name); }
    bool end_object() { return add("}"); }
    bool start_array(std::size_t) { return add("["); }
    bool end_array() { return add("]"); }
    bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception& error)
    {
        fault = error.what();
        return false;
    }

    bool add(std::string_view event, std::string_view text = {})
    {
        events.add(event, text);
        return true;
    }

    Events events;
    std::string fault;
};

/// `text` with every escape of a surrogate made one of another character.
inline std::string without_surrogates(std::string text)
{
    for (std::size_t index = 0; index + 2 < text.size(); ++index)
        if (text[index] == '\\' && text[index + 1] == 'u' && (text[index + 2] == 'd' || text[index + 2] == 'D'))
            text[index + 2] = '0';
    return text;
}

/// `text` with every exponent made zero.
inline std::string without_exponents(std::string text)
{
    for (std::size_t index = 0; index < text.size(); ++index) {
        if (text[index] != 'e' && text[index] != 'E')
            continue;
        std::size_t digit = index + 1;
        if (digit < text.size() && (text[digit] == '+' || text[digit] == '-'))
            ++digit;
        for (; digit < text.size() && text[digit] >= '0' && text[digit] <= '9'; ++digit)
            text[digit] = '0';
    }
    return text;
}

/// What RFC 8259 says of `text` in the eyes of nlohmann/json. It differs from the RFC in four things that are put
/// right here: it takes a NUL for the end of the text, skips a byte-order mark, and refuses lone surrogates and
/// numbers that a double cannot hold. No events in the last two cases.
struct Expected
{
    bool is_json = false;
    bool has_lone_surrogate = false;
    std::optional<Events> events;
};

inline Expected expected_of(std::string text)
{
    Expected expected;
    if (text.find('\0') != std::string::npos || text.starts_with("\xEF\xBB\xBF"))
        return expected;
    bool is_altered = false;
    for (int attempt = 0; attempt < 3; ++attempt) {
        Recorder recorder;
        expected.is_json = nlohmann::json::sax_parse(text, &recorder);
        if (expected.is_json && !is_altered)
            expected.events = std::move(recorder.events);
        if (recorder.fault.find("surrogate") != std::string::npos) {
            expected.has_lone_surrogate = true;
            text = without_surrogates(text);
        } else if (recorder.fault.find("out_of_range") != std::string::npos) {
            text = without_exponents(text);
        } else {
            break;
        }
        is_altered = true;
    }
    return expected;
}

/// What our reader sees otherwise in `text` than nlohmann/json; empty: nothing.
inline std::string difference_to_nlohmann(const std::string& text)
{
    const Expected expected = expected_of(text);
    const Reading reading = walked(text);
    if (reading.is_json != expected.is_json)
        return expected.is_json ? "stepping through it, ours refuses JSON" : "stepping through it, ours takes no JSON";
    if (skipped(text) != expected.is_json)
        return expected.is_json ? "skipping it, ours refuses JSON" : "skipping it, ours takes no JSON";
    if (!expected.is_json)
        return {};
    if (reading.has_lone_surrogate != expected.has_lone_surrogate)
        return "ours does not tell rightly of a lone surrogate";
    if (expected.events && reading.events != *expected.events)
        return "ours reads other values";
    return {};
}

} // namespace dialhook::rpc
