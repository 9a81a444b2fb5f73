#include "pipe.hpp"

#include <dialhook/log/log.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace dialhook::log {
namespace {

Log::Options options(const Pipe& pipe, Format format = Format::text)
{
    return {Level::info, format, pipe.writer(), std::chrono::seconds(60)};
}

TEST(Log, WritesAtOnceWhenItWasIdle)
{
    Pipe pipe;
    Log log(options(pipe));
    log.write(Level::info, "decision", {{"webhook", "CRM connection"}, {"http_status", 200}});
    EXPECT_EQ(without_time(pipe.line()), "info decision webhook=\"CRM connection\" http_status=200");
    log.write(Level::error, "no fields");
    EXPECT_EQ(without_time(pipe.line()), "error no fields");
}

TEST(Log, WritesJsonLines)
{
    Pipe pipe;
    Log log(options(pipe, Format::json));
    log.write(Level::info, "decision", {{"status", "ACK"}});
    const auto line = pipe.line();
    EXPECT_EQ(line.substr(0, 9), R"({"time":")");
    EXPECT_EQ(line.substr(line.find(R"("level")")), R"("level":"info","message":"decision","status":"ACK"})");
}

TEST(Log, TakesTheTimeWhenARecordIsWritten)
{
    Pipe pipe;
    Log log(options(pipe));
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    log.write(Level::info, "m");
    const auto stamp = pipe.line().substr(0, 19);

    const auto day = std::chrono::floor<std::chrono::days>(now);
    std::vector<std::string> expected;
    for (const auto seconds : {0, 1, 2}) {
        const std::chrono::hh_mm_ss clock(now + std::chrono::seconds(seconds) - day);
        char text[16];
        std::snprintf(text, sizeof text, "T%02d:%02d:%02d", static_cast<int>(clock.hours().count()),
                      static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()));
        expected.emplace_back(text);
    }
    EXPECT_THAT(expected, testing::Contains(stamp.substr(10)));
}

TEST(Log, KeepsOnlyTheLevelsThatAreWanted)
{
    Pipe pipe;
    {
        Log log(options(pipe));
        EXPECT_FALSE(log.wants(Level::debug));
        EXPECT_TRUE(log.wants(Level::info));
        log.write(Level::debug, "one");
        log.write(Level::info, "two");
        log.set_level(Level::error);
        EXPECT_FALSE(log.wants(Level::warning));
        log.write(Level::warning, "three");
        log.write(Level::error, "four");
        log.set_level(Level::debug);
        log.write(Level::debug, "five");
    }
    EXPECT_EQ(without_time(pipe.line()), "info two");
    EXPECT_EQ(without_time(pipe.line()), "error four");
    EXPECT_EQ(without_time(pipe.line()), "debug five");
}

TEST(Log, PutsOutEverythingAtItsEnd)
{
    Pipe pipe;
    {
        Log log(options(pipe));
        for (int index = 0; index < 500; ++index)
            log.write(Level::info, "m", {{"index", index}});
        EXPECT_EQ(log.dropped(), 0U);
    }
    pipe.close_writer();
    const auto lines = pipe.rest();
    ASSERT_EQ(lines.size(), 500U);
    for (std::size_t index = 0; index < lines.size(); ++index)
        EXPECT_EQ(without_time(lines[index]), "info m index=" + std::to_string(index));
}

TEST(Log, TakesFromManyThreadsAndKeepsEachOnesOrder)
{
    constexpr int threads = 8;
    constexpr int each = 2'000;
    Pipe pipe;
    std::vector<std::string> lines;
    std::thread reader;
    {
        Log log(options(pipe));
        reader = std::thread([&] { lines = pipe.rest(); });
        std::vector<std::thread> producers;
        for (int thread = 0; thread < threads; ++thread)
            producers.emplace_back([&log, thread] {
                for (int index = 0; index < each; ++index)
                    log.write(Level::info, "m", {{"thread", thread}, {"index", index}});
            });
        for (auto& producer : producers)
            producer.join();
        EXPECT_EQ(log.dropped(), 0U);
    }
    pipe.close_writer();
    reader.join();

    std::vector<int> next(threads, 0);
    for (const auto& line : lines) {
        const auto thread = std::stoul(line.substr(line.find("thread=") + 7));
        const auto index = std::stoi(line.substr(line.find("index=") + 6));
        EXPECT_EQ(index, next.at(thread)++);
    }
    EXPECT_THAT(next, testing::Each(each));
}

TEST(Log, OrdersWhatSeveralThreadsWroteByTime)
{
    Pipe pipe;
    {
        Log log(options(pipe));
        // Most of it is in the lanes of a hundred threads, which have ended, before the writer looks again.
        for (int index = 0; index < 100; ++index)
            std::thread([&log, index] { log.write(Level::info, "m", {{"index", index}}); }).join();
    }
    pipe.close_writer();
    std::vector<std::string> expected;
    for (int index = 0; index < 100; ++index)
        expected.push_back("info m index=" + std::to_string(index));
    std::vector<std::string> seen;
    for (const auto& line : pipe.rest())
        seen.push_back(without_time(line));
    EXPECT_EQ(seen, expected);
}

TEST(Log, SleepsWhileNothingIsWritten)
{
    using namespace std::chrono_literals;
    Pipe pipe;
    Log log(options(pipe));
    log.write(Level::info, "m");
    pipe.line();

    // It dozes once more, and then stands still: look until it has not moved for ten times as long as it dozes.
    const auto limit = std::chrono::steady_clock::now() + 10s;
    auto before = log.wakeups();
    for (std::this_thread::sleep_for(250ms); log.wakeups() != before; std::this_thread::sleep_for(250ms)) {
        ASSERT_LT(std::chrono::steady_clock::now(), limit);
        before = log.wakeups();
    }
    EXPECT_LE(before, 5U);

    log.write(Level::info, "again");
    EXPECT_EQ(without_time(pipe.line()), "info again");
}

TEST(Log, CanBeOneOfSeveral)
{
    Pipe left_pipe;
    Pipe right_pipe;
    Log left(options(left_pipe));
    auto right = std::make_unique<Log>(options(right_pipe));
    left.write(Level::info, "left");
    right->write(Level::info, "right");
    left.write(Level::info, "left again");
    right = std::make_unique<Log>(options(right_pipe));
    right->write(Level::info, "another right");

    EXPECT_EQ(without_time(left_pipe.line()), "info left");
    EXPECT_EQ(without_time(left_pipe.line()), "info left again");
    EXPECT_EQ(without_time(right_pipe.line()), "info right");
    EXPECT_EQ(without_time(right_pipe.line()), "info another right");
}

TEST(Log, TakesARecordFromADyingThread)
{
    struct LastWords
    {
        Log* log = nullptr;
        ~LastWords() { log->write(Level::info, "last words"); }
    };
    Pipe pipe;
    Log log(options(pipe));
    std::thread([&log] {
        // Made before the thread's lane, so destroyed after it: too late to be logged, but not to be counted.
        thread_local LastWords last_words;
        last_words.log = &log;
        log.write(Level::info, "m");
    }).join();
    EXPECT_EQ(without_time(pipe.line()), "info m");
    EXPECT_EQ(log.dropped(), 1U);
}

} // namespace
} // namespace dialhook::log
