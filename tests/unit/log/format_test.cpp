#include "log/format.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <limits>
#include <string>
#include <vector>

namespace dialhook::log {
namespace {

using namespace std::string_literals;

// 2026-11-23T17:00:00.123456789Z
constexpr Time moment{std::chrono::sys_days{std::chrono::year{2026} / 11 / 23} + std::chrono::hours{17} +
                      std::chrono::nanoseconds{123'456'789}};

std::string text_line(const Record& record)
{
    std::string out;
    TimeText times;
    append_text_line(out, record, times);
    return out;
}

std::string json_line(const Record& record)
{
    std::string out;
    TimeText times;
    append_json_line(out, record, times);
    return out;
}

/// What stands behind `key=` in a line of text, or behind `"key":` in one of JSON.
std::string text_of(const FieldValue& value)
{
    const std::vector<Field> fields{{"key", value}};
    const auto line = text_line({moment, Level::info, "m", fields});
    const auto start = line.find("key=") + 4;
    return line.substr(start, line.size() - start - 1);
}

std::string json_of(const FieldValue& value)
{
    const std::vector<Field> fields{{"key", value}};
    const auto line = json_line({moment, Level::info, "m", fields});
    const auto start = line.find("\"key\":") + 6;
    return line.substr(start, line.size() - start - 2);
}

TEST(TextFormat, IsOneLineOfWordsAndFields)
{
    const std::vector<Field> fields{
        {"call_id", "1761-4"}, {"webhook", "CRM connection"}, {"http_status", 200}, {"elapsed_ms", Decimal{12.44, 1}}};
    EXPECT_EQ(text_line({moment, Level::info, "decision", fields}),
              "2026-11-23T17:00:00.123Z info decision call_id=1761-4 webhook=\"CRM connection\" http_status=200 "
              "elapsed_ms=12.4\n");
    EXPECT_EQ(text_line({moment, Level::warning, "no fields here", {}}),
              "2026-11-23T17:00:00.123Z warning no fields here\n");
}

TEST(JsonFormat, IsOneObjectALine)
{
    const std::vector<Field> fields{
        {"call_id", "1761-4"}, {"webhook", "CRM connection"}, {"http_status", 200}, {"elapsed_ms", Decimal{12.44, 1}}};
    EXPECT_EQ(json_line({moment, Level::error, "decision", fields}),
              R"({"time":"2026-11-23T17:00:00.123Z","level":"error","message":"decision","call_id":"1761-4",)"
              R"("webhook":"CRM connection","http_status":200,"elapsed_ms":12.4})"
              "\n");
}

TEST(Formats, NameTheLevels)
{
    EXPECT_EQ(name(Level::debug), "debug");
    EXPECT_EQ(name(Level::info), "info");
    EXPECT_EQ(name(Level::warning), "warning");
    EXPECT_EQ(name(Level::error), "error");
}

TEST(Formats, WriteTimesToTheMillisecondInUtc)
{
    const struct
    {
        std::int64_t nanoseconds;
        std::string_view text;
    } cases[] = {
        {0, "1970-01-01T00:00:00.000Z"},
        {999'999, "1970-01-01T00:00:00.000Z"},
        {1'000'000, "1970-01-01T00:00:00.001Z"},
        {951'782'399'999'999'999, "2000-02-28T23:59:59.999Z"},
        {951'782'400'000'000'000, "2000-02-29T00:00:00.000Z"},
        {4'102'444'799'999'000'000, "2099-12-31T23:59:59.999Z"},
        {-1, "1969-12-31T23:59:59.999Z"},
    };
    TimeText times; // one for all, as in the log
    for (const auto& [nanoseconds, text] : cases) {
        const Time time(std::chrono::nanoseconds{nanoseconds});
        EXPECT_EQ(times.of(time), text);
        EXPECT_EQ(text_line({time, Level::info, "m", {}}).substr(0, text.size()), text);
    }
}

TEST(Formats, WriteNumbers)
{
    const struct
    {
        FieldValue value;
        std::string_view text, json;
    } cases[] = {
        {0, "0", "0"},
        {-5, "-5", "-5"},
        {std::uint16_t{443}, "443", "443"},
        {std::numeric_limits<std::int64_t>::max(), "9223372036854775807", "9223372036854775807"},
        {std::numeric_limits<std::int64_t>::min(), "-9223372036854775808", "-9223372036854775808"},
        {std::numeric_limits<std::uint64_t>::max(), "9223372036854775807", "9223372036854775807"},
        {Decimal{0.05, 1}, "0.1", "0.1"},
        {Decimal{12.4, 3}, "12.400", "12.400"},
        {Decimal{7, 0}, "7", "7"},
        {Decimal{-0.25, 2}, "-0.25", "-0.25"},
        {Decimal{std::numeric_limits<double>::infinity(), 1}, "nan", "null"},
        {Decimal{std::numeric_limits<double>::quiet_NaN(), 1}, "nan", "null"},
    };
    for (const auto& [value, text, json] : cases) {
        EXPECT_EQ(text_of(value), text);
        EXPECT_EQ(json_of(value), json);
    }
    EXPECT_EQ(text_of(Decimal{1e308, 9}).size(), 309U + 1U + 9U);
}

TEST(Formats, LetNoValueBreakOut)
{
    const struct
    {
        std::string value, text, json;
    } cases[] = {
        {"plain", "plain", R"("plain")"},
        {"+31502102544", "+31502102544", R"("+31502102544")"},
        {"http://crm.lan/a?b", "http://crm.lan/a?b", R"("http://crm.lan/a?b")"},
        {"", R"("")", R"("")"},
        {"two words", R"("two words")", R"("two words")"},
        {" ", R"(" ")", R"(" ")"},
        {"a=b", R"("a=b")", R"("a=b")"},
        {"x level=error", R"("x level=error")", R"("x level=error")"},
        {R"(say "hi")", R"("say \"hi\"")", R"("say \"hi\"")"},
        {R"(back\slash)", R"("back\\slash")", R"("back\\slash")"},
        {R"(x" forged="y)", R"("x\" forged=\"y")", R"("x\" forged=\"y")"},
        {R"(x","forged":"y)", R"("x\",\"forged\":\"y")", R"("x\",\"forged\":\"y")"},
        {"two\nlines", R"("two\nlines")", R"("two\nlines")"},
        {"\r\n2026-01-01T00:00:00.000Z info forged", R"("\r\n2026-01-01T00:00:00.000Z info forged")",
         R"("\r\n2026-01-01T00:00:00.000Z info forged")"},
        {"tab\t", R"("tab\t")", R"("tab\t")"},
        {"\x1b[31mred", R"("\u001b[31mred")", R"("\u001b[31mred")"},
        {"nul\0."s, R"("nul\u0000.")", R"("nul\u0000.")"},
        {"\x7f", R"("\u007f")", R"("\u007f")"},
        {"\xc2\x85", R"("\u0085")", R"("\u0085")"},     // next line, a C1 control
        {"\xe2\x80\xa8", R"("\u2028")", R"("\u2028")"}, // line separator
        {"a\xe2\x80\xae"
         "b",
         R"("a\u202eb")", R"("a\u202eb")"},             // right-to-left override
        {"\xd8\x9c", R"("\u061c")", R"("\u061c")"},     // Arabic letter mark, which turns writing round, too
        {"\xe2\x80\x8d", R"("\u200d")", R"("\u200d")"}, // zero width joiner: nobody sees it in a log
        {"\xef\xbb\xbf", R"("\ufeff")", R"("\ufeff")"}, // byte-order mark
        {"J\xc3\xb6rg", "J\xc3\xb6rg", "\"J\xc3\xb6rg\""},
        {"\xe2\x82\xac 5", "\"\xe2\x82\xac 5\"", "\"\xe2\x82\xac 5\""},
        {"\xf0\x9f\x93\x9e", "\xf0\x9f\x93\x9e", "\"\xf0\x9f\x93\x9e\""},
        {"J\xf6rg", R"("J\xf6rg")", R"("J\ufffdrg")"}, // Latin-1
        {"\xc3", R"("\xc3")", R"("\ufffd")"},          // cut
        {"\xe2\x82", R"("\xe2\x82")", R"("\ufffd\ufffd")"},
        {"\xc0\xaf", R"("\xc0\xaf")", R"("\ufffd\ufffd")"}, // overlong
        {"\xe0\x80\xaf", R"("\xe0\x80\xaf")", R"("\ufffd\ufffd\ufffd")"},
        {"\xed\xa0\x80", R"("\xed\xa0\x80")", R"("\ufffd\ufffd\ufffd")"}, // surrogate
        {"\xf4\x90\x80\x80", R"("\xf4\x90\x80\x80")", R"("\ufffd\ufffd\ufffd\ufffd")"},
        {"\x80\xff", R"("\x80\xff")", R"("\ufffd\ufffd")"},
    };
    for (const auto& [value, text, json] : cases) {
        EXPECT_EQ(text_of(value), text);
        EXPECT_EQ(json_of(value), json);
    }
}

TEST(Formats, LetNoMessageBreakOut)
{
    const struct
    {
        std::string message, text;
    } cases[] = {
        {"a plain sentence.", "a plain sentence."},
        {"decision call_id=7", R"("decision call_id=7")"},
        {"two\nlines", R"("two\nlines")"},
        {"\"", R"("\"")"},
        {"", R"("")"},
        {"\xff", R"("\xff")"},
    };
    for (const auto& [message, text] : cases)
        EXPECT_EQ(text_line({moment, Level::info, message, {}}), "2026-11-23T17:00:00.123Z info " + text + "\n");
    EXPECT_EQ(json_line({moment, Level::info, "a\"b\n\xff", {}}),
              R"({"time":"2026-11-23T17:00:00.123Z","level":"info","message":"a\"b\n\ufffd"})"
              "\n");
}

} // namespace
} // namespace dialhook::log
