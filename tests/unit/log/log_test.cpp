#include "log/log.hpp"
#include "pipe.hpp"
#include "thread_state.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace dialhook::log {
namespace {

/// Texts that one thread leaves for the log.
class Texts : public Feed
{
public:
    void add(std::string text)
    {
        const std::lock_guard lock(mutex_);
        waiting_.push_back({std::chrono::system_clock::now(), std::move(text)});
    }
    void count_dropped(std::uint64_t count) { dropped_ = count; }

    void begin() override {}
    std::optional<Time> next() override
    {
        const std::lock_guard lock(mutex_);
        return waiting_.empty() ? std::nullopt : std::optional(waiting_.front().time);
    }
    void take(const std::function<void(const Record&)>& put) override
    {
        const std::lock_guard lock(mutex_);
        const std::array<Field, 1> fields{{{"text", waiting_.front().text}}};
        put({waiting_.front().time, Level::info, "fed", fields});
        waiting_.pop_front();
    }
    bool is_empty() const override
    {
        const std::lock_guard lock(mutex_);
        return waiting_.empty();
    }
    std::uint64_t dropped() const override { return dropped_; }

private:
    struct Waiting
    {
        Time time;
        std::string text;
    };

    mutable std::mutex mutex_;
    std::deque<Waiting> waiting_;
    std::atomic<std::uint64_t> dropped_{0};
};

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
    constexpr int each = 250; // together fewer than the queue holds
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
    Pipe pipe;
    Log log(options(pipe));
    log.add(std::make_shared<Texts>());
    EXPECT_TRUE(comes_to_sleep("dialhook-feeds"));
    log.write(Level::info, "m");
    EXPECT_EQ(without_time(pipe.line()), "info m");
    EXPECT_TRUE(comes_to_sleep("dialhook-feeds"));
}

TEST(Log, FetchesFromFeedsAtOnceWhenItSlept)
{
    Pipe pipe;
    Log log(options(pipe));
    const auto feed = std::make_shared<Texts>();
    log.add(feed);
    for (const auto* text : {"one", "two"}) {
        ASSERT_TRUE(comes_to_sleep("dialhook-feeds"));
        feed->add(text);
        log.fed(false);
        EXPECT_EQ(without_time(pipe.line()), "info fed text=" + std::string(text));
    }
    EXPECT_TRUE(comes_to_sleep("dialhook-feeds"));
}

TEST(Log, OrdersFeedsAndRecordsByTime)
{
    Pipe pipe;
    std::vector<std::string> expected;
    {
        Log log(options(pipe));
        const auto left = std::make_shared<Texts>();
        const auto right = std::make_shared<Texts>();
        log.add(left);
        log.add(right);
        ASSERT_TRUE(comes_to_sleep("dialhook-feeds"));
        for (int index = 0; index < 30; ++index) {
            const auto text = std::to_string(index);
            if (index % 3 == 0)
                log.write(Level::info, "fed", {{"text", text}});
            else
                (index % 3 == 1 ? left : right)->add(text);
            expected.push_back("info fed text=" + text);
        }
    }
    pipe.close_writer();
    std::vector<std::string> seen;
    for (const auto& line : pipe.rest())
        seen.push_back(without_time(line));
    EXPECT_EQ(seen, expected);
}

TEST(Log, SaysWhatItsFeedsLost)
{
    Pipe pipe;
    Log log(options(pipe));
    const auto feed = std::make_shared<Texts>();
    feed->count_dropped(3);
    log.add(feed);
    EXPECT_EQ(log.dropped(), 3U);
    log.write(Level::info, "m");
    EXPECT_EQ(without_time(pipe.line()), "info m");
    EXPECT_EQ(without_time(pipe.line()), "warning 3 log records were dropped");
}

TEST(Log, CutsWhatIsTooLong)
{
    Pipe pipe;
    Log log(options(pipe));
    const std::string fits(2048, 'f');
    const std::string longer(2049, 'l');
    const std::vector<Field> fields(40, Field{"key", "v"});
    log.write(Level::info, longer, {{"fits", fits}, {"longer", longer}});
    EXPECT_EQ(without_time(pipe.line()),
              "info " + std::string(2045, 'l') + "... fits=" + fits + " longer=" + std::string(2045, 'l') + "...");
    log.write(Level::info, "m", fields);
    EXPECT_EQ(without_time(pipe.line()).size(), std::string("info m").size() + 32 * std::string(" key=v").size());
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
        thread_local LastWords last_words;
        last_words.log = &log;
    }).join();
    EXPECT_EQ(without_time(pipe.line()), "info last words");
}

} // namespace
} // namespace dialhook::log
