#include <dialhook/call/text.hpp>
#include <dialhook/engine/json_reader.hpp>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <ostream>
#include <random>
#include <string>
#include <vector>

namespace dialhook::engine {
namespace {

using namespace std::string_view_literals;
using Kind = JsonReader::Kind;

/// What a text holds, front to back, a line each: `{`, `k:name`, `s:text`, `n` (a number), `true`, …
class Events
{
public:
    void add(std::string_view event, std::string_view text = {}) { text_.append(event).append(text).append(1, '\n'); }
    bool operator==(const Events&) const = default;
    friend void PrintTo(const Events& events, std::ostream* out) { *out << events.text_; }

private:
    std::string text_;
};

struct Reading
{
    bool is_json = false;
    bool has_lone_surrogate = false;
    Events events;
};

void walk(JsonReader& json, Reading& reading)
{
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
Reading walked(std::string_view text)
{
    Reading reading;
    JsonReader json(text);
    walk(json, reading);
    reading.is_json = text::is_utf8(text) && json.at_end();
    return reading;
}

/// Ours, by skipping it whole.
bool skipped(std::string_view text)
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
std::string without_surrogates(std::string text)
{
    for (std::size_t index = 0; index + 2 < text.size(); ++index)
        if (text[index] == '\\' && text[index + 1] == 'u' && (text[index + 2] == 'd' || text[index + 2] == 'D'))
            text[index + 2] = '0';
    return text;
}

/// `text` with every exponent made zero.
std::string without_exponents(std::string text)
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

Expected expected_of(std::string text)
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

/// The text is read as nlohmann/json reads it; false so that a loop may end at the first difference.
bool agrees(const std::string& text)
{
    const Expected expected = expected_of(text);
    const Reading reading = walked(text);
    EXPECT_EQ(reading.is_json, expected.is_json) << testing::PrintToString(text);
    EXPECT_EQ(skipped(text), expected.is_json) << testing::PrintToString(text);
    if (expected.is_json) {
        EXPECT_EQ(reading.has_lone_surrogate, expected.has_lone_surrogate) << testing::PrintToString(text);
        if (expected.events) {
            EXPECT_EQ(reading.events, *expected.events) << testing::PrintToString(text);
        }
    }
    return !testing::Test::HasFailure();
}

const std::vector<std::string> seeds{
    R"({"jsonrpc":"2.0","id":7,"method":"call.route","params":{"webhook":"crm","did":"+31502102544"}})",
    R"([{"jsonrpc":"2.0","method":"x","params":[]},1,"",null,{}])",
    R"({"a":{"b":{"c":[[],[{}],[[1,-2.5e+10,0.0,1E-3]]]}},"t":true,"f":false,"n":null})",
    R"({"s":"\"\\\/\b\f\n\r\t\u00e9\u20AC\uD83D\uDE00\u0000","":""})",
    R"(["\ud800","\udc00\ud800","\ud800\u0041","\ud83d\ude00x","\ud800\ud83d\ude00"])",
    "[\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\x7F\", \"\xED\x9F\xBF\xEE\x80\x80\xF4\x8F\xBF\xBF\"]",
    " \t\r\n{ \"a\" : [ 1 , 2 ] , \"b\" : { } }\r\n",
    "[0,-0,10,1.0,0e0,1e5,-1.25E-7,123456789012345678901234567890,1e400]",
    "\"\"",
    "12345",
};

TEST(JsonComparison, AgreesWithNlohmannOnHostileTexts)
{
    const std::vector<std::string> texts{"",
                                         " ",
                                         "\n",
                                         "{",
                                         "}",
                                         "[",
                                         "]",
                                         ",",
                                         ":",
                                         "\"",
                                         "\\",
                                         "{]",
                                         "[}",
                                         "[1",
                                         "[1,",
                                         "[1,]",
                                         "[,1]",
                                         "[,]",
                                         "[1 2]",
                                         "[1,,2]",
                                         "{\"a\"}",
                                         "{\"a\":}",
                                         "{\"a\":1,}",
                                         "{,}",
                                         "{a:1}",
                                         "{'a':1}",
                                         "{\"a\" 1}",
                                         "{\"a\":1 \"b\":2}",
                                         "{\"a\":1}}",
                                         "[]]",
                                         "[] []",
                                         "1 2",
                                         "{}x",
                                         "nul",
                                         "null",
                                         "nulll",
                                         "NULL",
                                         "true",
                                         "tru",
                                         "truefalse",
                                         "True",
                                         "false",
                                         "f",
                                         "NaN",
                                         "Infinity",
                                         "-Infinity",
                                         "undefined",
                                         "0",
                                         "-0",
                                         "-",
                                         "+1",
                                         "01",
                                         "-01",
                                         "00",
                                         "1.",
                                         ".1",
                                         "-.1",
                                         "1.e1",
                                         "1e",
                                         "1e+",
                                         "1e-",
                                         "1E5",
                                         "1e05",
                                         "0x10",
                                         "1_000",
                                         "1,2",
                                         "--1",
                                         "1e400",
                                         "-1e400",
                                         "1e-400",
                                         "99999999999999999999999999",
                                         "\"a",
                                         "\"\\",
                                         "\"\\\"",
                                         "\"\\x41\"",
                                         "\"\\u\"",
                                         "\"\\u12\"",
                                         "\"\\u123g\"",
                                         "\"\\u1234\"",
                                         "\"\\U1234\"",
                                         "\"\\'\"",
                                         "\"\\a\"",
                                         "\"\\0\"",
                                         "\"\\\n\"",
                                         "\"a\nb\"",
                                         "\"a\tb\"",
                                         "\"\x1F\"",
                                         "\"\x7F\"",
                                         "\"\\ud800\"",
                                         "\"\\udc00\"",
                                         "\"\\ud800\\ud800\"",
                                         "\"\\ud83d\\ude00\"",
                                         "\"\\uD83D\\uDE00\"",
                                         "\"\\ud800\\n\"",
                                         "\"\\ud800\\\"",
                                         "\"\\ud800\\u\"",
                                         "\"\\ud800\\uZZZZ\"",
                                         "\"\\ud800\\u0041\"",
                                         "\"\\ud800",
                                         "\"\x80\"",
                                         "\"\xC0\x80\"",
                                         "\"\xC2\"",
                                         "\"\xE0\x80\x80\"",
                                         "\"\xED\xA0\x80\"",
                                         "\"\xF4\x90\x80\x80\"",
                                         "\"\xF8\x88\x80\x80\x80\"",
                                         "\"\xFF\"",
                                         "\xEF\xBB\xBF{}",
                                         "{}\xEF\xBB\xBF",
                                         "/* c */ 1",
                                         "// c",
                                         "1 // c",
                                         "[1]#",
                                         "\xC2\xA0"
                                         "1",
                                         "\f1",
                                         "\v1",
                                         std::string("\0", 1),
                                         std::string("1\0", 2),
                                         std::string("\"a\0b\"", 5),
                                         std::string("[1\0]", 4),
                                         "{\"a\":1,\"a\":2}",
                                         "{\"\\u0061\":1}",
                                         "{\"\":{\"\":{\"\":[]}}}",
                                         "[[[[[[[[]]]]]]]]",
                                         "[[[[[[[[]]]]]]]",
                                         "{\"a\":[{\"b\":[}]}]}",
                                         "{\"a\":[}",
                                         "[{\"a\":]",
                                         "\"\\u0000\""};
    for (const std::string& text : texts)
        agrees(text);
    for (const std::string& text : seeds)
        agrees(text);
}

/// Cuts a seed at every place.
TEST(JsonComparison, AgreesWithNlohmannOnEveryPrefixAndSuffix)
{
    for (const std::string& seed : seeds)
        for (std::size_t index = 0; index <= seed.size(); ++index)
            if (!agrees(seed.substr(0, index)) || !agrees(seed.substr(index)))
                return;
}

/// Makes texts that are nearly JSON. The same ones in each run.
class Mutator
{
public:
    std::string next()
    {
        std::string text = seeds[below(seeds.size())];
        for (std::size_t count = 1 + below(4); count > 0; --count)
            mutate(text);
        return text;
    }

private:
    std::size_t below(std::size_t limit) { return random_() % limit; }

    void mutate(std::string& text)
    {
        static constexpr std::string_view bytes =
            "{}[]\":,\\/ \t\n0123456789-+.eEutfnrlasd\0\x01\x1F\x7F\x80\xBF\xC2\xE2\xED\xF0\xFF"sv;
        static constexpr std::string_view tokens[] = {
            "\\ud83d\\ude00", "\\ud800",      "\\udfff", "\\u00e9", "\\\\", "1e400", "-0",     "1.5e-3", "null",
            "true",           "false",        "{}",      "[]",      "[[",   "]]",    "\"k\":", ",",      "\"\"",
            "\xE2\x82\xAC",   "\xEF\xBB\xBF", "\r\n"};
        const std::size_t place = below(text.size() + 1);
        const std::size_t length = below(text.size() - place + 1) % 16;
        switch (below(6)) {
        case 0:
            if (place < text.size())
                text[place] = bytes[below(bytes.size())];
            break;
        case 1:
            text.insert(place, 1, bytes[below(bytes.size())]);
            break;
        case 2:
            text.erase(place, length);
            break;
        case 3:
            text.insert(place, text.substr(place, length));
            break;
        case 4:
            text.insert(place, tokens[below(std::size(tokens))]);
            break;
        default: {
            const std::string& other = seeds[below(seeds.size())];
            text.insert(place, other.substr(below(other.size()), below(24)));
        }
        }
    }

    std::mt19937 random_{20240229}; // NOLINT(cert-msc32-c,cert-msc51-cpp): the same texts in each run
};

TEST(JsonComparison, AgreesWithNlohmannOnMutations)
{
    Mutator mutator;
    std::size_t accepted = 0;
    constexpr std::size_t count = 100'000; // two seconds in a debug build
    for (std::size_t index = 0; index < count; ++index) {
        const std::string text = mutator.next();
        accepted += skipped(text) ? 1U : 0U;
        if (!agrees(text))
            return;
    }
    EXPECT_GT(accepted, count / 10) << "the mutations are too coarse to test what is accepted";
    EXPECT_LT(accepted, count / 2) << "the mutations are too fine to test what is refused";
}

} // namespace
} // namespace dialhook::engine
