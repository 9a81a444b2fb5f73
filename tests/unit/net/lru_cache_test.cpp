#include "base/lru_cache.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace dialhook::net {
namespace {

using Table = LruCache<int, int>;

const std::shared_ptr<int>& value_of(Table& table, int key)
{
    return table.of(key, [key] { return std::make_shared<int>(key); });
}

TEST(LruCache, KeepsWhatItMade)
{
    Table table(10);
    const auto first = value_of(table, 1);
    EXPECT_EQ(value_of(table, 1), first);
    EXPECT_EQ(table.find(1), first);
    EXPECT_EQ(table.find(2), nullptr);
}

TEST(LruCache, StrangersMakeItNoLongerThanTwiceWhatItKeepsAnyway)
{
    Table table(100);
    for (int key = 0; key < 100'000; ++key) {
        EXPECT_EQ(*value_of(table, key), key);
        ASSERT_LE(table.size(), 202U);
    }
}

TEST(LruCache, WhatIsAskedForNowAndThenStays)
{
    Table table(100);
    const std::weak_ptr<int> own = value_of(table, -1);
    for (int key = 0; key < 100'000; ++key) {
        value_of(table, key);
        if (key % 50 == 0)
            value_of(table, -1);
        ASSERT_FALSE(own.expired());
    }
}

TEST(LruCache, WhatSomebodyHoldsStays)
{
    Table table(100);
    const auto held = value_of(table, -1);
    for (int key = 0; key < 1000; ++key)
        value_of(table, key);
    EXPECT_EQ(table.find(-1), held);

    table.drop_unheld();
    EXPECT_EQ(table.size(), 1U);
    EXPECT_EQ(table.find(-1), held);
}

TEST(LruCache, OneThatHoldsALotIsSeldomLookedThrough)
{
    Table table(10);
    std::vector<std::shared_ptr<int>> all;
    for (int key = 0; key < 1'000'000; ++key)
        all.push_back(value_of(table, key)); // a look at all for each new one would take hours
    EXPECT_EQ(table.size(), all.size());
}

} // namespace
} // namespace dialhook::net
