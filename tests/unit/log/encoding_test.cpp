#include "log/encoding.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace dialhook::log {
namespace {

std::vector<unsigned char> encoded(const Record& record)
{
    std::vector<unsigned char> bytes(encoded_size(record.message, record.fields));
    encode(bytes.data(), record);
    return bytes;
}

TEST(Encoding, BringsARecordBackAsItWas)
{
    const Time time(std::chrono::nanoseconds(1'795'453'200'123'456'789));
    const std::vector<Field> fields{{"call_id", "1761-4"},
                                    {"empty", ""},
                                    {"minus", -1},
                                    {"elapsed_ms", Decimal{12.44, 3}},
                                    {"bytes", std::string_view("\0\n\xff", 3)}};
    const auto bytes = encoded({time, Level::warning, "decision", fields});

    std::vector<Field> read;
    const auto record = decode(bytes, read);
    EXPECT_EQ(encoded_time(bytes), time);
    EXPECT_EQ(record.time, time);
    EXPECT_EQ(record.level, Level::warning);
    EXPECT_EQ(record.message, "decision");
    ASSERT_EQ(record.fields.size(), 5U);
    EXPECT_EQ(std::string_view(record.fields[0].key), "call_id");
    EXPECT_EQ(*record.fields[0].value.text(), "1761-4");
    EXPECT_EQ(*record.fields[1].value.text(), "");
    EXPECT_EQ(std::string_view(record.fields[2].key), "minus");
    EXPECT_EQ(*record.fields[2].value.integer(), -1);
    EXPECT_EQ(*record.fields[3].value.decimal(), (Decimal{12.44, 3}));
    EXPECT_EQ(*record.fields[4].value.text(), std::string_view("\0\n\xff", 3));
}

TEST(Encoding, CutsWhatIsTooLong)
{
    const std::string fits(2048, 'f');
    const std::string longer(2049, 'l');
    const std::vector<Field> fields{{"fits", fits}, {"longer", longer}, {"number", 1}, {"places", Decimal{1, 20}}};
    const auto bytes = encoded({{}, Level::info, longer, fields});

    std::vector<Field> read;
    const auto record = decode(bytes, read);
    EXPECT_EQ(record.message, std::string(2045, 'l') + "...");
    EXPECT_EQ(*record.fields[0].value.text(), fits);
    EXPECT_EQ(*record.fields[1].value.text(), std::string(2045, 'l') + "...");
    EXPECT_EQ(*record.fields[2].value.integer(), 1);
    EXPECT_EQ(record.fields[3].value.decimal()->places, 9);
}

TEST(Encoding, KeepsThirtyTwoFields)
{
    const std::string longest(3000, 'x');
    const std::vector<Field> fields(40, Field{"key", longest});
    const auto bytes = encoded({{}, Level::info, longest, fields});
    EXPECT_EQ(bytes.size(), longest_record);

    std::vector<Field> read;
    EXPECT_EQ(decode(bytes, read).fields.size(), 32U);
}

} // namespace
} // namespace dialhook::log
