#include "base/utc.hpp"

#include <gtest/gtest.h>

namespace dialhook {
namespace {

TEST(Utc, WritesWholeSeconds)
{
    using namespace std::chrono;
    const auto at = [](milliseconds since_1970) { return utc(system_clock::time_point(since_1970)); };
    EXPECT_EQ(at(milliseconds(0)), "1970-01-01T00:00:00Z");
    EXPECT_EQ(at(milliseconds(951'782'399'999)), "2000-02-28T23:59:59Z"); // parts of a second are cut off, not rounded
    EXPECT_EQ(at(milliseconds(951'782'400'000)), "2000-02-29T00:00:00Z");
    EXPECT_EQ(at(milliseconds(4'102'444'799'000)), "2099-12-31T23:59:59Z");
}

} // namespace
} // namespace dialhook
