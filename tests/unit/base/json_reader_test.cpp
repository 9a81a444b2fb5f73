#include "base/json_reader.hpp"
#include "base/text.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace dialhook {
namespace {

using namespace std::string_view_literals;
using Kind = JsonReader::Kind;

bool skipped(std::string_view text)
{
    JsonReader json(text);
    return json.skip() && json.at_end();
}

TEST(JsonReader, NestingIsBoundedByTheTextAlone)
{
    constexpr std::size_t depth = 30'000;
    const std::string arrays = std::string(depth, '[') + std::string(depth, ']');
    std::string objects;
    for (std::size_t index = 0; index < depth; ++index)
        objects += R"({"":)";
    objects += "1" + std::string(depth, '}');

    EXPECT_TRUE(skipped(arrays));
    EXPECT_TRUE(skipped(objects));
    EXPECT_FALSE(skipped(std::string(depth, '[')));
    EXPECT_FALSE(skipped(arrays + "]"));
    EXPECT_FALSE(skipped(objects.substr(0, objects.size() - 1) + "]"));
}

/// Whether `text` is read, entered as far as `entered` containers go and skipped from there.
std::string refusal(std::string_view text, std::size_t max_depth, std::size_t entered)
{
    JsonReader json(text, max_depth);
    while (entered-- > 0)
        json.enter() && json.more_elements();
    json.skip();
    if (!json.failed())
        return {};
    return (json.is_too_deep() ? "too deep at " : "broken at ") + std::to_string(json.position());
}

TEST(JsonReader, NestingIsBoundedAsAsked)
{
    for (const std::size_t entered : {0U, 1U, 2U}) {
        EXPECT_EQ(refusal("[[[1]]]", 3, entered), "");
        EXPECT_EQ(refusal("[[[[1]]]]", 3, entered), "too deep at 3");
        EXPECT_EQ(refusal("[[[{}]]]", 3, entered), "too deep at 3");
        EXPECT_EQ(refusal("[[[x]]]", 3, entered), "broken at 3");
    }
    JsonReader siblings("[[1],[2],[[3]]]", 2);
    EXPECT_FALSE(siblings.skip());
    EXPECT_TRUE(siblings.is_too_deep());
    JsonReader wide("[[1],[2],[3]]", 2);
    ASSERT_TRUE(wide.enter());
    while (wide.more_elements()) {
        ASSERT_TRUE(wide.enter());
        while (wide.more_elements())
            ASSERT_TRUE(wide.skip());
    }
    EXPECT_TRUE(wide.at_end()) << "a container that was left counts no more";
}

TEST(JsonReader, SaysWhereItFailed)
{
    const std::pair<std::string_view, std::size_t> cases[] = {
        {"{\"a\":1,}", 7}, {"{'a':1}", 1}, {"{\"a\" 1}", 5},      {"{\"a\":nul}", 5}, {"{\"a\":\"b", 7},
        {"[1 2]", 3},      {"[01]", 2},    {"{\"a\":\"\n\"}", 6}, {"[\"\\q\"]", 3},   {"{\"a\":", 5},
    };
    for (const auto& [text, position] : cases) {
        JsonReader json(text);
        EXPECT_FALSE(json.skip()) << text;
        EXPECT_FALSE(json.at_end()) << text;
        EXPECT_EQ(json.position(), position) << text;
    }
}

TEST(JsonReader, ReadsAsViewsIntoTheText)
{
    const std::string_view text = R"( {"a" : "plain", "b":"es\tc\u00e9", "c" : [ 1 , {"x":[]} ] , "d":true} )";
    JsonReader json(text);
    JsonString name;
    JsonString plain;
    JsonString escaped;
    std::string_view raw;
    bool flag = false;
    ASSERT_TRUE(json.enter());
    ASSERT_TRUE(json.more_members(name) && json.read_string(plain));
    EXPECT_EQ(name.text, "a");
    EXPECT_EQ(plain.text, "plain");
    EXPECT_EQ(plain.text.data(), text.data() + text.find("plain"));
    ASSERT_TRUE(json.more_members(name) && json.read_string(escaped));
    EXPECT_EQ(escaped.text, "es\tc\xC3\xA9");
    ASSERT_TRUE(json.more_members(name) && json.read_raw(raw));
    EXPECT_EQ(raw, R"([ 1 , {"x":[]} ])");
    ASSERT_TRUE(json.more_members(name) && json.read_bool(flag));
    EXPECT_TRUE(flag);
    EXPECT_FALSE(json.more_members(name));
    EXPECT_TRUE(json.at_end());
    EXPECT_FALSE(json.failed());
    EXPECT_EQ(escaped.text, "es\tc\xC3\xA9") << "a view into decoded text stays good";
}

/// Decoded strings are kept side by side; a view into the first ones must not move.
TEST(JsonReader, ManyEscapedStringsStayReadable)
{
    std::string text = "[";
    for (int index = 0; index < 1000; ++index)
        text += (index == 0 ? "\"\\n" : ",\"\\n") + std::to_string(index) + "\\u20ac\"";
    text += "]";
    JsonReader json(text);
    std::vector<JsonString> values;
    ASSERT_TRUE(json.enter());
    while (json.more_elements())
        ASSERT_TRUE(json.read_string(values.emplace_back()));
    ASSERT_EQ(values.size(), 1000U);
    for (std::size_t index = 0; index < values.size(); ++index)
        EXPECT_EQ(values[index].text, "\n" + std::to_string(index) + "\xE2\x82\xAC");
}

TEST(JsonReader, ALoneSurrogateIsNoOtherText)
{
    for (const std::string_view text :
         {R"("did\ud800")"sv, R"("\udc00did")"sv, R"("d\ud800id")"sv, R"("did\ud800\ud800")"sv})
    {
        JsonReader json(text);
        JsonString value;
        ASSERT_TRUE(json.read_string(value)) << text;
        EXPECT_TRUE(value.has_lone_surrogate) << text;
        EXPECT_NE(value.text, "did") << text;
        EXPECT_TRUE(text::is_utf8(value.text)) << text;
    }
}

TEST(JsonReader, AWrongKindIsAFailure)
{
    const std::string_view not_strings[] = {"1", "{}", "[]", "null", "", "x"};
    for (const std::string_view text : not_strings) {
        JsonReader json(text);
        JsonString value;
        EXPECT_FALSE(json.read_string(value)) << text;
        EXPECT_TRUE(json.failed()) << text;
        EXPECT_FALSE(json.at_end()) << text;
        EXPECT_EQ(json.next(), Kind::none) << text;
    }
    const std::string_view not_bools[] = {"1", "\"true\"", "null", "tru", "", "TRUE"};
    for (const std::string_view text : not_bools) {
        JsonReader json(text);
        bool value = false;
        EXPECT_FALSE(json.read_bool(value)) << text;
        EXPECT_TRUE(json.failed()) << text;
    }
    const std::string_view not_containers[] = {"1", "\"[\"", "null", "", "]"};
    for (const std::string_view text : not_containers) {
        JsonReader json(text);
        EXPECT_FALSE(json.enter()) << text;
        EXPECT_FALSE(json.more_elements()) << text;
    }
}

} // namespace
} // namespace dialhook
