#include "pipe.hpp"

#include <dialhook/log/log.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <thread>
#include <utility>

// What a log does when nobody takes what it puts out.
namespace dialhook::log {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

/// Until the pipe and the lane are full and records are lost.
std::uint64_t write_until_dropped(Log& log)
{
    const std::string filler(1000, 'x');
    const auto before = log.dropped();
    std::uint64_t written = 0;
    while (log.dropped() == before) {
        log.write(Level::info, "m", {{"index", written}, {"filler", filler}});
        ++written;
    }
    return written;
}

std::optional<std::uint64_t> reported_drops(const std::string& line)
{
    const auto text = without_time(line);
    const auto end = text.find(" log records were dropped");
    if (text.substr(0, 8) != "warning " || end == std::string::npos)
        return std::nullopt;
    return std::stoull(text.substr(8, end - 8));
}

void drop_and_recover(int flags)
{
    Pipe pipe;
    ASSERT_EQ(::fcntl(pipe.writer(), F_SETFL, flags), 0);
    std::optional<Log> log(std::in_place, Log::Options{Level::info, Format::text, pipe.writer(), 60s});
    auto written = write_until_dropped(*log);
    for (int index = 0; index < 1000; ++index, ++written)
        log->write(Level::info, "m", {{"index", written}, {"filler", std::string(1000, 'x')}});
    const auto dropped = log->dropped();
    EXPECT_GE(dropped, 1U);

    std::uint64_t lines = 0;
    std::uint64_t reported = 0;
    std::thread reader([&] {
        for (const auto& line : pipe.rest()) {
            if (const auto drops = reported_drops(line))
                reported += *drops;
            else
                ++lines;
        }
    });
    // There is room again as soon as the reader has begun.
    const auto limit = steady_clock::now() + 10s;
    auto lost = log->dropped();
    for (log->write(Level::info, "well again"), ++written; log->dropped() != lost; ++written) {
        ASSERT_LT(steady_clock::now(), limit);
        lost = log->dropped();
        std::this_thread::sleep_for(1ms);
        log->write(Level::info, "well again");
    }
    log.reset();
    pipe.close_writer();
    reader.join();

    EXPECT_EQ(reported, lost);
    EXPECT_EQ(lines + lost, written);
}

TEST(BlockedLog, DropsCountsAndSaysSoWhenItCanWriteAgain)
{
    drop_and_recover(0);
}

TEST(BlockedLog, DoesTheSameOnANonBlockingDescriptor)
{
    drop_and_recover(O_NONBLOCK);
}

TEST(BlockedLog, HoldsUpNoOneWhoWrites)
{
    Pipe pipe;
    Log log({Level::info, Format::text, pipe.writer(), 10ms});
    write_until_dropped(log);
    auto wakeups = log.wakeups();
    for (std::this_thread::sleep_for(100ms); log.wakeups() != wakeups; std::this_thread::sleep_for(100ms)) {
        write_until_dropped(log); // it was still on its way to the write that blocks
        wakeups = log.wakeups();
    }

    const auto start = steady_clock::now();
    for (int index = 0; index < 100'000; ++index)
        log.write(Level::info, "m", {{"index", index}});
    EXPECT_LT(steady_clock::now() - start, 5s);
    EXPECT_EQ(log.wakeups(), wakeups);
}

TEST(BlockedLog, EndsWithinItsLimit)
{
    Pipe pipe;
    const auto start = [&] {
        Log log({Level::info, Format::text, pipe.writer(), 100ms});
        write_until_dropped(log);
        return steady_clock::now();
    }();
    const auto took = steady_clock::now() - start;
    EXPECT_GE(took, 100ms);
    EXPECT_LT(took, 5s);
}

TEST(BlockedLog, WaitsForOneThatOnlyPauses)
{
    Pipe pipe;
    std::uint64_t written = 0;
    std::uint64_t dropped = 0;
    std::thread reader;
    std::uint64_t lines = 0;
    {
        Log log({Level::info, Format::text, pipe.writer(), 60s});
        written = write_until_dropped(log);
        dropped = log.dropped();
        reader = std::thread([&] {
            for (const auto& line : pipe.rest())
                lines += reported_drops(line) ? 0U : 1U;
        });
    }
    pipe.close_writer();
    reader.join();
    EXPECT_EQ(lines, written - dropped);
}

TEST(ClosedLog, LosesAndCountsAndDoesNotRaiseSigpipe)
{
    Pipe pipe;
    pipe.close_reader();
    Log log({Level::info, Format::text, pipe.writer(), 1s});
    log.write(Level::info, "one");
    log.write(Level::info, "two");
    const auto limit = steady_clock::now() + 10s;
    while (log.dropped() < 2 && steady_clock::now() < limit)
        std::this_thread::sleep_for(1ms);
    EXPECT_EQ(log.dropped(), 2U);

    // Its own report fails as well; it must not keep itself busy with that.
    std::this_thread::sleep_for(100ms);
    const auto wakeups = log.wakeups();
    std::this_thread::sleep_for(200ms);
    EXPECT_EQ(log.wakeups(), wakeups);
    EXPECT_EQ(log.dropped(), 2U);
}

TEST(ClosedLog, TakesADescriptorThatIsNone)
{
    Log log({Level::info, Format::json, -1, 1s});
    log.write(Level::info, "one");
}

} // namespace
} // namespace dialhook::log
