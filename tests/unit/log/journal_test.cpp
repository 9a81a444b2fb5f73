#include "log/journal.hpp"
#include "log/log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <string>
#include <vector>

namespace dialhook::log {
namespace {

using testing::ElementsAre;

std::vector<std::string> items(const Record& record)
{
    std::string entry;
    append_journal_entry(entry, record);
    std::vector<std::string> texts;
    for (const iovec& item : journal_items(entry))
        texts.emplace_back(static_cast<const char*>(item.iov_base), item.iov_len);
    return texts;
}

TEST(JournalEntry, HasPriorityMessageAndEachFieldRaw)
{
    const std::vector<Field> fields{{"webhook", "CRM connection"}, {"http_status", 200}, {"elapsed_ms", Decimal{1, 1}}};
    EXPECT_THAT(items({{}, Level::info, "decision", fields}),
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
    for (const auto& [level, priority] : cases)
        EXPECT_THAT(items({{}, level, "m", {}}), ElementsAre(priority, "MESSAGE=m"));
}

TEST(JournalEntry, EscapesInItsMessageAlone)
{
    const std::vector<Field> fields{{"callername", "x\nPRIORITY=0"}, {"sip2_code", ""}};
    EXPECT_THAT(items({{}, Level::info, "m", fields}),
                ElementsAre("PRIORITY=6", "MESSAGE=m callername=\"x\\nPRIORITY=0\" sip2_code=\"\"",
                            "DIALHOOK_CALLERNAME=x\nPRIORITY=0", "DIALHOOK_SIP2_CODE="));
}

TEST(Journal, IsStandardErrorWhereTheServiceManagerSaysSo)
{
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    struct stat file
    {
    };
    ASSERT_EQ(::fstat(ends[1], &file), 0);
    const auto named = std::to_string(file.st_dev) + ":" + std::to_string(file.st_ino);

    EXPECT_TRUE(is_journal(ends[1], named.c_str()));
    EXPECT_FALSE(is_journal(ends[1], (named + "0").c_str()));
    EXPECT_FALSE(is_journal(ends[1], ""));
    EXPECT_FALSE(is_journal(ends[1], nullptr));
    ::close(ends[0]);
    ::close(ends[1]);
    EXPECT_FALSE(is_journal(ends[1], named.c_str()));
}

} // namespace
} // namespace dialhook::log
