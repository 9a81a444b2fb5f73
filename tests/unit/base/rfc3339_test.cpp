#include "base/rfc3339.hpp"

#include <gtest/gtest.h>

namespace dialhook {
namespace {

using namespace std::chrono;

/// Nanoseconds since 1970, or nullopt.
std::optional<std::int64_t> read(std::string_view text)
{
    const auto at = from_rfc3339(text);
    return at ? std::optional(duration_cast<nanoseconds>(at->time_since_epoch()).count()) : std::nullopt;
}

TEST(Rfc3339, ReadsTimes)
{
    constexpr std::int64_t second = 1'000'000'000;
    struct
    {
        std::string_view text;
        std::int64_t nanoseconds;
    } const cases[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"1970-01-01t00:00:00z", 0},
        {"1970-01-01T00:00:01.5Z", second + second / 2},
        {"1970-01-01T00:00:00.000000001Z", 1},
        {"1970-01-01T00:00:00.0000000019Z", 1}, // cut, not rounded
        {"1970-01-01T02:00:00+02:00", 0},
        {"1970-01-01T00:00:00-08:00", 8 * 3600 * second},
        {"1970-01-01T00:00:00-00:00", 0},
        {"1970-01-01T05:45:00+05:45", 0},
        {"2000-02-29T23:59:60Z", 951'868'800 * second}, // a leap second
        {"2026-07-29T15:04:05.123+02:00", 1'785'330'245'123 * (second / 1000)},
        {"2261-12-31T23:59:59Z", 9'214'646'399 * second},
    };
    for (const auto& [text, nanoseconds] : cases)
        EXPECT_EQ(read(text), nanoseconds) << text;
}

TEST(Rfc3339, RefusesWhatIsNone)
{
    for (const std::string_view text : {"",
                                        "now",
                                        "2026-07-29",
                                        "2026-07-29T15:04:05",
                                        "2026-07-29 15:04:05Z",
                                        "2026-07-29T15:04Z",
                                        "2026-07-29T15:04:05.Z",
                                        "2026-07-29T15:04:05,5Z",
                                        "2026-02-29T00:00:00Z",
                                        "2026-13-01T00:00:00Z",
                                        "2026-00-01T00:00:00Z",
                                        "2026-01-00T00:00:00Z",
                                        "2026-07-29T24:00:00Z",
                                        "2026-07-29T15:60:05Z",
                                        "2026-07-29T15:04:61Z",
                                        "2026-07-29T15:04:05+24:00",
                                        "2026-07-29T15:04:05+02:60",
                                        "2026-07-29T15:04:05+0200",
                                        "2026-07-29T15:04:05+02",
                                        "2026-07-29T15:04:05Zz",
                                        "2026-07-29T15:04:05Z ",
                                        " 2026-07-29T15:04:05Z",
                                        "1969-12-31T23:59:59Z",
                                        "2262-01-01T00:00:00Z",
                                        "+2026-07-29T15:04:05Z",
                                        "2026-7-29T15:04:05Z"})
        EXPECT_EQ(read(text), std::nullopt) << text;
}

} // namespace
} // namespace dialhook
