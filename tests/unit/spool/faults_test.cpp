#include "spool/database.hpp"
#include "spool_fixture.hpp"

#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <fstream>
#include <thread>

// What the spool does when its file is broken, taken or full.
namespace dialhook::spool {
namespace {

using events::Kind;
using testing::HasSubstr;

std::vector<std::string> files_in(const std::filesystem::path& folder, std::string_view part)
{
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder))
        if (entry.path().filename().string().find(part) != std::string::npos)
            names.push_back(entry.path().filename().string());
    std::sort(names.begin(), names.end());
    return names;
}

std::string content_of(const std::filesystem::path& file)
{
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

class SpoolFaults : public SpoolTest
{
protected:
    void overwrite(std::size_t offset, std::size_t size) const
    {
        std::fstream file(settings.file, std::ios::binary | std::ios::in | std::ios::out);
        file.seekp(static_cast<std::streamoff>(offset));
        file << std::string(size, '\x5A');
    }

    /// While it is closed.
    void change(const char* sql) const
    {
        sqlite::Connection connection(settings.file.string());
        connection.run(sql);
    }
};

TEST_F(SpoolFaults, OnlyTheDaemonReadsTheFile)
{
    open();
    say("call-1", Kind::created);
    struct stat status
    {
    };
    ASSERT_EQ(::stat(settings.file.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
    ASSERT_EQ(::stat((settings.file.string() + "-wal").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(SpoolFaults, WhatIsNoDatabaseIsSetAside)
{
    const std::string text = "these are the notes of somebody else\n" + std::string(5000, 'x');
    std::ofstream(settings.file) << text;
    open_and_start();
    EXPECT_EQ(say("call-1", Kind::created), Stored::stored);
    EXPECT_EQ(shown(hands.next()), "call-1 created 1");
    const auto aside = files_in(folder.path(), "spool.db.broken-");
    ASSERT_EQ(aside.size(), 1U);
    EXPECT_EQ(content_of(folder.path() / aside[0]), text);
    expect_logged("error spool file set aside: what waited in it is not delivered file=" + settings.file.string() +
                  " set_aside=" + settings.file.string() + ".broken-");
}

TEST_F(SpoolFaults, AFileThatIsBrokenInTheMiddleIsSetAside)
{
    open();
    for (int call = 0; call < 300; ++call)
        say("call-" + std::to_string(call), Kind::created);
    spool.reset();
    const auto size = std::filesystem::file_size(settings.file);
    ASSERT_GT(size, 40'000U);
    overwrite(size / 2, 8192);
    open_and_start();
    EXPECT_EQ(say("call-1", Kind::created), Stored::stored);
    EXPECT_EQ(shown(hands.next()), "call-1 created 1");
    EXPECT_EQ(counts_of("crm").waiting, 1U);
    EXPECT_EQ(files_in(folder.path(), "spool.db.broken-").size(), 1U);
}

TEST_F(SpoolFaults, AFileThatBreaksWhileItIsUsedIsSetAside)
{
    open();
    events::Facts facts;
    facts.vars = {{"filler", std::string(1000, 'x')}};
    for (int call = 0; call < 4000; ++call)
        spool->report(report("call-" + std::to_string(call), Kind::created, facts), {});
    settle();
    restart();
    const auto under_way = hands.next(16);
    const auto size = std::filesystem::file_size(settings.file);
    overwrite(8192, size - 8192);
    // More than is kept in memory of it.
    deliveries({.failed_only = false, .call_id = {}, .since = {}, .limit = 100'000});
    wait_until([&] { return say("new", Kind::created) != Stored::failed; });
    EXPECT_EQ(files_in(folder.path(), "spool.db.broken-").size(), 1U);
    // What was under way from the broken file concludes nothing of the new one.
    for (const auto& parcel : under_way)
        spool->conclude(parcel.id, delivered());
    auto next = hands.next();
    while (shown(next) != "new created 1")
        next = hands.next();
    settle();
    EXPECT_EQ(counts_of("crm").waiting, 1U);
}

TEST_F(SpoolFaults, AFileOfANewerVersionIsSetAside)
{
    open();
    say("call-1", Kind::created);
    spool.reset();
    change("PRAGMA user_version = 99");
    open();
    EXPECT_EQ(say("call-1", Kind::created), Stored::stored);
    EXPECT_EQ(files_in(folder.path(), "spool.db.newer-").size(), 1U);
    expect_logged("a newer version of Dialhook wrote it");
}

TEST_F(SpoolFaults, ASecondDaemonOnTheFileIsRefusedUntilTheFirstStops)
{
    open_and_start();
    say("call-1", Kind::created);
    Spool second(settings, log);
    std::promise<std::pair<Stored, std::string>> answer;
    second.report(report("call-2", Kind::created), [&](Stored stored, std::string why) {
        answer.set_value({stored, std::move(why)});
    });
    const auto [stored, why] = waited_for(answer);
    EXPECT_EQ(stored, Stored::failed);
    EXPECT_EQ(why, "the spool file " + settings.file.string() +
                       " is in use by another dialhookd; give each its own `server.spool`");
    EXPECT_EQ(second.counts().fault, why);
    EXPECT_FALSE(second.counts().is_durable);
    EXPECT_EQ(say("call-1", Kind::answered), Stored::stored);
    spool->stop();
    const auto limit = std::chrono::steady_clock::now() + patience;
    while (!second.counts().is_durable && std::chrono::steady_clock::now() < limit)
        std::this_thread::sleep_for(10ms);
    EXPECT_TRUE(second.counts().is_durable);
    EXPECT_EQ(files_in(folder.path(), "broken").size(), 0U);
    expect_logged("call events are stored again");
}

TEST_F(SpoolFaults, AFolderThatIsNotThereIsTriedAgain)
{
    settings.file = folder.path() / "later" / "spool.db";
    open();
    const auto [stored, why] = say(report("call-1", Kind::created));
    EXPECT_EQ(stored, Stored::failed);
    EXPECT_EQ(why, "the spool file " + settings.file.string() +
                       " cannot be opened: unable to open database file: No such file or directory");
    std::filesystem::create_directory(folder.path() / "later");
    wait_until([&] { return spool->counts().is_durable; });
    EXPECT_EQ(say("call-1", Kind::created), Stored::stored);
}

/// Files can be no longer than the spool's log is now: writes fail as on a full disk.
class FullDisk
{
public:
    explicit FullDisk(const std::filesystem::path& file)
    {
        std::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &before_);
        rlimit limit = before_;
        limit.rlim_cur = std::filesystem::file_size(file.string() + "-wal");
        ::setrlimit(RLIMIT_FSIZE, &limit);
    }
    ~FullDisk() { ::setrlimit(RLIMIT_FSIZE, &before_); }
    FullDisk(const FullDisk&) = delete;
    FullDisk& operator=(const FullDisk&) = delete;

private:
    rlimit before_{};
};

TEST_F(SpoolFaults, AFullDiskFailsReportsAndLosesNothing)
{
    open_and_start();
    for (int call = 0; call < 50; ++call)
        say("call-" + std::to_string(call), Kind::created);
    auto under_way = hands.next(16);
    {
        const FullDisk full(settings.file);
        events::Facts facts;
        facts.vars = {{"filler", std::string(1000, 'x')}};
        const auto [stored, why] = say(report("new", Kind::ended, facts));
        EXPECT_EQ(stored, Stored::failed);
        EXPECT_THAT(why, HasSubstr("the spool file " + settings.file.string() + " cannot be written: "));
        EXPECT_EQ(spool->counts().fault, why);
        expect_logged("warning call events cannot be stored");
        EXPECT_EQ(deliveries().size(), 50U); // neither of the two events of the report

        // Deliveries go on.
        for (const auto& parcel : under_way)
            spool->conclude(parcel.id, delivered());
        hands.next(16);
        EXPECT_EQ(counts_of("crm").delivered, 16U);
        spool->send_later(*WebhookName::from("later"), {*Did::from("101"), {}, {}, {}});
        EXPECT_EQ(shown(hands.next()), "webhook later");
    }
    wait_until([&] { return spool->counts().is_durable; });
    const auto is_delivered = [](const Delivery& delivery) { return delivery.state == "delivered"; };
    const auto found = deliveries();
    EXPECT_EQ(std::count_if(found.begin(), found.end(), is_delivered), 16);
    EXPECT_EQ(say("new", Kind::created), Stored::stored);
    restart();
    settle();
    EXPECT_EQ(counts_of("crm").waiting, 50U - 16U + 1U);
}

TEST_F(SpoolFaults, ARepairedDiskIsNoticedThoughNothingComes)
{
    open();
    say("call-1", Kind::created);
    {
        const FullDisk full(settings.file);
        events::Facts facts;
        facts.vars = {{"filler", std::string(1000, 'x')}};
        EXPECT_EQ(say("new", Kind::ended, facts), Stored::failed);
        EXPECT_FALSE(spool->counts().is_durable);
    }
    expect_logged("call events are stored again"); // nobody wakes the spool meanwhile
    EXPECT_TRUE(spool->counts().is_durable);
    EXPECT_EQ(deliveries().size(), 1U);
}

TEST_F(SpoolFaults, WhatIsStoredAndCannotBeReadIsDropped)
{
    open();
    say("call-1", Kind::created);
    say("call-1", Kind::answered);
    spool.reset();
    change("UPDATE contents SET body = '{' WHERE event = 'created'");
    open_and_start();
    EXPECT_EQ(shown(hands.next()), "call-1 answered 2");
    EXPECT_EQ(counts_of("crm").dropped, 1U);
    settle();
    EXPECT_EQ(deliveries().back().state, "dropped");
}

constexpr const char* a_day_later = "UPDATE calls SET heard_at = heard_at + 86400000000;"
                                    "UPDATE deliveries SET reported_at = reported_at + 86400000000, expires_at = "
                                    "expires_at + 86400000000, next_at = next_at + 86400000000;";

TEST_F(SpoolFaults, AClockThatWasSetBackStallsNothing)
{
    settings.event_idle = 500ms;
    open();
    say("call-1", Kind::ringing);
    spool.reset();
    change(a_day_later); // as the file looks to a clock that is a day behind
    open_and_start();
    EXPECT_EQ(shown(hands.next()), "call-1 created 1");
    spool->conclude(1, delivered());
    EXPECT_EQ(shown(hands.next()), "call-1 ringing 2");
    spool->conclude(2, delivered());
    EXPECT_EQ(shown(hands.next()), "call-1 ended 3");
}

TEST_F(SpoolFaults, WhatExpiredMeanwhileIsNotCarriedAndASilentCallEnds)
{
    open();
    say("call-1", Kind::ringing);
    spool.reset();
    change("UPDATE calls SET heard_at = heard_at - 18000000000;"
           "UPDATE deliveries SET reported_at = reported_at - 18000000000, expires_at = expires_at - 18000000000;");
    open_and_start();
    EXPECT_EQ(shown(hands.next()), "call-1 created 1");
    spool->conclude(1, delivered());
    EXPECT_EQ(shown(hands.next()), "call-1 ended 3");
    EXPECT_EQ(counts_of("crm").expired, 1U);
}

TEST_F(SpoolFaults, KeepsAHundredThousandOfANotification)
{
    settings.notifications =
        notifications({notification("crm", "http://crm.lan/calls"), notification("gone", "http://gone.lan/")});
    open();
    constexpr std::uint64_t limit = 100'000;
    std::atomic<std::uint64_t> stored = 0;
    for (std::uint64_t call = 0; call < limit / 2 + 5; ++call) {
        spool->report(report("call-" + std::to_string(call), Kind::ringing),
                      [&](Stored what, const std::string&) { stored += what == Stored::stored ? 1 : 0; });
        if (call % 10'000 == 0)
            settle();
    }
    wait_until([&] { return stored == limit / 2 + 5; });
    const auto counts = counts_of("crm");
    EXPECT_EQ(counts.waiting, limit);
    EXPECT_EQ(counts.dropped, 10U);
    EXPECT_EQ(counts.by_event[static_cast<std::size_t>(Kind::ringing)].dropped, 10U);
    EXPECT_EQ(counts_of("gone").dropped, 10U);
    restart();
    EXPECT_EQ(shown(hands.next()), "call-0 created 1");
    EXPECT_EQ(counts_of("crm").waiting, limit);
    EXPECT_EQ(counts_of("crm").dropped, 0U);
}

} // namespace
} // namespace dialhook::spool
