#include "log/lane.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <string_view>
#include <thread>

namespace dialhook::log {
namespace {

bool push(Lane& lane, std::string_view text)
{
    auto* const place = lane.reserve(text.size());
    if (place == nullptr)
        return false;
    std::memcpy(place, text.data(), text.size());
    lane.publish();
    return true;
}

std::string pop(Lane& lane)
{
    const auto front = lane.front(lane.head());
    if (front.data() == nullptr)
        return "nothing";
    std::string text(reinterpret_cast<const char*>(front.data()), front.size());
    lane.pop();
    return text;
}

TEST(Lane, GivesBackInOrder)
{
    Lane lane(1, 128);
    EXPECT_TRUE(lane.empty());
    EXPECT_EQ(pop(lane), "nothing");
    EXPECT_TRUE(push(lane, "one"));
    EXPECT_TRUE(push(lane, "two, longer than a word"));
    EXPECT_FALSE(lane.empty());
    EXPECT_EQ(pop(lane), "one");
    EXPECT_EQ(pop(lane), "two, longer than a word");
    EXPECT_TRUE(lane.empty());
}

TEST(Lane, ShowsNothingBehindTheHeadThatWasAskedFor)
{
    Lane lane(1, 128);
    push(lane, "one");
    const auto head = lane.head();
    push(lane, "two");
    ASSERT_EQ(lane.front(head).size(), 3U);
    lane.pop();
    EXPECT_EQ(lane.front(head).data(), nullptr);
    EXPECT_EQ(pop(lane), "two");
}

TEST(Lane, DropsAndCountsWhenItIsFullAndTakesAgainWhenThereIsRoom)
{
    Lane lane(1, 64); // four entries of eight bytes behind eight bytes of length
    for (int index = 0; index < 4; ++index)
        EXPECT_TRUE(push(lane, "12345678"));
    EXPECT_FALSE(push(lane, "x"));
    EXPECT_FALSE(push(lane, "x"));
    EXPECT_EQ(lane.dropped(), 2U);
    EXPECT_EQ(pop(lane), "12345678");
    EXPECT_TRUE(push(lane, "again"));
    EXPECT_EQ(lane.dropped(), 2U);
}

TEST(Lane, KeepsEntriesInOnePieceAtTheRingsEnd)
{
    Lane lane(1, 64);
    const std::string longest(lane.longest(), 'x');
    for (unsigned size = 0; size <= longest.size(); ++size) {
        const auto text = longest.substr(0, size);
        ASSERT_TRUE(push(lane, text)) << size;
        ASSERT_TRUE(push(lane, "")) << size;
        ASSERT_EQ(pop(lane), text);
        ASSERT_EQ(pop(lane), "");
    }
    for (int round = 0; round < 20; ++round) {
        ASSERT_TRUE(push(lane, longest));
        ASSERT_EQ(pop(lane), longest);
        ASSERT_TRUE(push(lane, "odd"));
        ASSERT_EQ(pop(lane), "odd");
    }
}

TEST(Lane, KnowsWhenAPieceIsTaken)
{
    Lane lane(1, 1024);
    push(lane, "12345678");
    EXPECT_FALSE(lane.filling_up());
    push(lane, "12345678");
    EXPECT_TRUE(lane.filling_up());
    pop(lane);
    EXPECT_FALSE(lane.filling_up());
    push(lane, "12345678");
    EXPECT_TRUE(lane.filling_up());
}

TEST(Lane, CarriesEverythingBetweenTwoThreads)
{
    Lane lane(1, 256);
    constexpr unsigned count = 20'000;
    std::thread producer([&] {
        for (unsigned index = 0; index < count; ++index)
            while (!push(lane, std::to_string(index) + std::string(index % 40, '.')))
                std::this_thread::yield();
        lane.end();
    });
    for (unsigned index = 0; index < count; ++index) {
        auto text = pop(lane);
        for (; text == "nothing"; text = pop(lane))
            std::this_thread::yield();
        ASSERT_EQ(text, std::to_string(index) + std::string(index % 40, '.'));
    }
    producer.join();
    EXPECT_TRUE(lane.ended());
    EXPECT_TRUE(lane.empty());
}

} // namespace
} // namespace dialhook::log
