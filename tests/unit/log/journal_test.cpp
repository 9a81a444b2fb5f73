#include "log/journal.hpp"

#include <dialhook/log/log.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <vector>

namespace dialhook::log {
namespace {

using testing::ElementsAre;

TEST(JournalEntry, HasPriorityMessageAndEachFieldRaw)
{
    const std::vector<Field> fields{{"webhook", "CRM connection"}, {"http_status", 200}, {"elapsed_ms", Decimal{1, 1}}};
    JournalEntry entry;
    entry.set({{}, Level::info, "decision", fields});
    EXPECT_THAT(entry.items(),
                ElementsAre("PRIORITY=6", "MESSAGE=decision webhook=\"CRM connection\" http_status=200 elapsed_ms=1.0",
                            "DIALHOOK_WEBHOOK=CRM connection", "DIALHOOK_HTTP_STATUS=200", "DIALHOOK_ELAPSED_MS=1.0"));
}

TEST(JournalEntry, HasThePrioritiesOfSyslog)
{
    const struct
    {
        Level level;
        std::string_view priority;
    } cases[] = {{Level::debug, "PRIORITY=7"},
                 {Level::info, "PRIORITY=6"},
                 {Level::warning, "PRIORITY=4"},
                 {Level::error, "PRIORITY=3"}};
    JournalEntry entry;
    for (const auto& [level, priority] : cases) {
        entry.set({{}, level, "m", {}});
        EXPECT_THAT(entry.items(), ElementsAre(priority, "MESSAGE=m"));
    }
}

TEST(JournalEntry, EscapesInItsMessageAlone)
{
    const std::vector<Field> fields{{"callername", "x\nPRIORITY=0"}, {"sip2_code", ""}};
    JournalEntry entry;
    entry.set({{}, Level::info, "m", fields});
    EXPECT_THAT(entry.items(), ElementsAre("PRIORITY=6", "MESSAGE=m callername=\"x\\nPRIORITY=0\" sip2_code=\"\"",
                                           "DIALHOOK_CALLERNAME=x\nPRIORITY=0", "DIALHOOK_SIP2_CODE="));
}

TEST(AutomaticFormat, IsTheJournalWhereTheServiceManagerSaysSo)
{
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    struct stat file
    {
    };
    ASSERT_EQ(::fstat(ends[1], &file), 0);
    const auto named = std::to_string(file.st_dev) + ":" + std::to_string(file.st_ino);

    EXPECT_EQ(automatic_format(ends[1], named.c_str()), Format::journal);
    EXPECT_EQ(automatic_format(ends[1], (named + "0").c_str()), Format::text);
    EXPECT_EQ(automatic_format(ends[1], ""), Format::text);
    EXPECT_EQ(automatic_format(ends[1], nullptr), Format::text);
    ::close(ends[0]);
    ::close(ends[1]);
    EXPECT_EQ(automatic_format(ends[1], named.c_str()), Format::text);
}

} // namespace
} // namespace dialhook::log
