#include "spool/database.hpp"
#include "spool_fixture.hpp"

#include <sys/wait.h>

#include <csignal>
#include <random>

// What was answered `stored` survives the end of the process at any moment.
namespace dialhook::spool {
namespace {

using events::Kind;

/// What was acknowledged: `seq` of a call.
struct Acknowledged
{
    std::int32_t call;
    std::int32_t event;
};

constexpr int calls = 4;
constexpr int events_of_a_call = 25;

/// Reports events until it is killed, and writes into the pipe what was stored; ends by itself after `last` of them.
[[noreturn]] void report_until_killed(const std::filesystem::path& file, int round, int pipe, int last)
{
    log::Log log({log::Level::error, log::Format::text, 2});
    Settings settings;
    settings.file = file;
    settings.notifications = notifications({notification("crm", "http://crm.lan/calls")});
    Spool spool(settings, log);
    Hands hands; // nothing is delivered
    spool.start(hands);
    std::atomic<int> stored = 0;
    for (std::int32_t event = 1; event <= events_of_a_call; ++event)
        for (std::int32_t call = round * calls; call < (round + 1) * calls; ++call)
            spool.report(report(std::to_string(call), event == 1 ? Kind::created : Kind::answered),
                         [=, &stored](Stored what, const std::string&) {
                             const Acknowledged acknowledged{call, what == Stored::stored ? event : -1};
                             if (::write(pipe, &acknowledged, sizeof acknowledged) != sizeof acknowledged)
                                 ::_exit(1);
                             if (++stored == last)
                                 ::_exit(0);
                         });
    for (;;)
        ::pause();
}

class Round
{
public:
    Round(const std::filesystem::path& file, int round, int last)
    {
        int ends[2];
        if (::pipe2(ends, O_CLOEXEC) != 0)
            throw std::runtime_error("no pipe");
        child_ = ::fork();
        if (child_ == 0)
            report_until_killed(file, round, ends[1], last);
        ::close(ends[1]);
        pipe_ = ends[0];
    }
    ~Round() { ::close(pipe_); }
    Round(const Round&) = delete;
    Round& operator=(const Round&) = delete;

    /// False when the process has ended.
    bool read(Acknowledged& acknowledged) const
    {
        return ::read(pipe_, &acknowledged, sizeof acknowledged) == sizeof acknowledged;
    }

    void kill() const { ::kill(child_, SIGKILL); }

    void wait() const
    {
        int status = 0;
        ::waitpid(child_, &status, 0);
    }

private:
    pid_t child_;
    int pipe_;
};

/// One file, on which one process after another is killed.
class Series
{
public:
    explicit Series(unsigned seed)
        : random_(seed)
    {
    }

    void run(int round)
    {
        const int last = 1 + static_cast<int>(random_() % 40);
        // Half of them end by themselves in the moment after the answer, half are killed at any moment.
        const bool is_killed = round % 2 == 0;
        const Round running(file_, round, is_killed ? events_of_a_call * calls : last);
        Acknowledged acknowledged{};
        for (int count = 0; running.read(acknowledged); ++count) {
            ASSERT_GT(acknowledged.event, 0);
            auto& event = stored_[acknowledged.call];
            ASSERT_EQ(acknowledged.event, event + 1);
            event = acknowledged.event;
            if (is_killed && count == last)
                running.kill();
        }
        running.wait();
    }

    void check() const
    {
        Database database(file_.string());
        auto all = database.deliveries({.failed_only = false, .call_id = {}, .since = {}, .limit = 1'000'000});
        std::reverse(all.begin(), all.end());
        EXPECT_GE(stored_.size(), 20U); // of each round something
        std::map<std::string, std::uint32_t> waiting;
        for (const Delivery& delivery : all) {
            EXPECT_EQ(delivery.state, "waiting");
            EXPECT_EQ(delivery.seq, ++waiting[delivery.call_id]) << delivery.call_id;
        }
        for (const auto& [call, event] : stored_)
            EXPECT_GE(waiting[std::to_string(call)], static_cast<std::uint32_t>(event)) << call;
        // Record and events are of one transaction.
        for (const auto& [call_id, seq] : waiting)
            EXPECT_EQ(database.call(*events::CallId::from(call_id))->seq, seq);
    }

private:
    std::mt19937 random_;
    TemporaryFolder folder_;
    std::filesystem::path file_ = folder_.path() / "spool.db";
    std::map<std::int32_t, std::int32_t> stored_; ///< the last event of each call that was acknowledged
};

class SpoolKill : public testing::TestWithParam<unsigned>
{
};

TEST_P(SpoolKill, WhatWasStoredSurvivesTwentyKills)
{
    constexpr int rounds = 20;
    Series series(GetParam());
    for (int round = 0; round < rounds; ++round)
        ASSERT_NO_FATAL_FAILURE(series.run(round)) << "round " << round;
    series.check();
}

INSTANTIATE_TEST_SUITE_P(Files, SpoolKill, testing::Range(0U, 10U));

} // namespace
} // namespace dialhook::spool
