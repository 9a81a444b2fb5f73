#include "unit/api/rpc/json_comparison.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace dialhook::rpc {
namespace {

using namespace std::string_view_literals;

/// The text is read as nlohmann/json reads it; false so that a loop may end at the first difference.
bool agrees(const std::string& text)
{
    EXPECT_EQ(difference_to_nlohmann(text), "") << testing::PrintToString(text);
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
} // namespace dialhook::rpc
