#include "events/words.hpp"

#include <gtest/gtest.h>

namespace dialhook::events {
namespace {

TEST(Words, StandForWhatTheyStandFor)
{
    EXPECT_EQ(to_string(Kind::created), "created");
    EXPECT_EQ(to_string(Kind::ended), "ended");
    EXPECT_EQ(to_string(Direction::internal), "internal");
    EXPECT_EQ(to_string(Transfer::attended), "attended");
    EXPECT_EQ(to_string(EndReason::no_answer), "no-answer");
    EXPECT_EQ(to_string(EndReason::unknown), "unknown");
}

template <typename Read, typename Names>
void expect_back(Read read, const Names& names)
{
    for (const auto name : names) {
        const auto value = read(name);
        ASSERT_TRUE(value) << name;
        EXPECT_EQ(to_string(*value), name);
    }
    for (const auto word : {"", "Created", "created ", "no_answer", "cold"})
        EXPECT_FALSE(read(word)) << word;
}

TEST(Words, AreReadBack)
{
    expect_back(kind_of, kind_names);
    expect_back(direction_of, direction_names);
    expect_back(transfer_of, transfer_names);
    expect_back(end_reason_of, end_reason_names);
}

TEST(Words, OfVoysTellTransfersApart)
{
    const auto status = [](Kind kind, std::optional<Transfer> transfer = {}) {
        CallEvent event{*CallId::from("1"), 1, kind, {}, {}};
        event.facts.transfer = transfer;
        return voys_status(event);
    };
    EXPECT_EQ(status(Kind::created), "created");
    EXPECT_EQ(status(Kind::ringing), "ringing");
    EXPECT_EQ(status(Kind::answered), "in-progress");
    EXPECT_EQ(status(Kind::transferred, Transfer::attended), "warm-transfer");
    EXPECT_EQ(status(Kind::transferred, Transfer::blind), "cold-transfer");
    EXPECT_EQ(status(Kind::transferred), "cold-transfer");
    EXPECT_EQ(status(Kind::ended, Transfer::blind), "ended");
}

} // namespace
} // namespace dialhook::events
