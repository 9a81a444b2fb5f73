#include "log/log.hpp"
#include "pipe.hpp"
#include "thread_state.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

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
    auto all_dropped = log->dropped();
    for (log->write(Level::info, "well again"), ++written; log->dropped() != all_dropped; ++written) {
        ASSERT_LT(steady_clock::now(), limit);
        all_dropped = log->dropped();
        std::this_thread::yield();
        log->write(Level::info, "well again");
    }
    log.reset();
    pipe.close_writer();
    reader.join();

    EXPECT_EQ(reported, all_dropped);
    EXPECT_EQ(lines + all_dropped, written);
}

TEST(BlockedLog, DropsCountsAndSaysSoWhenItCanWriteAgain)
{
    drop_and_recover(0);
}

TEST(BlockedLog, DoesTheSameOnANonBlockingDescriptor)
{
    drop_and_recover(O_NONBLOCK);
}

/// How often the calling thread has waited for anything: a lock, a pipe, a sleep.
long waits()
{
    rusage usage{};
    ::getrusage(RUSAGE_THREAD, &usage);
    return usage.ru_nvcsw;
}

TEST(BlockedLog, HoldsUpNoOneWhoWrites)
{
    Pipe pipe;
    pipe.fill();
    Log log({Level::info, Format::text, pipe.writer(), 10ms});
    write_until_dropped(log); // it is stuck with its first record

    const auto before = waits();
    const auto dropped = log.dropped();
    constexpr std::uint64_t count = 100'000;
    for (std::uint64_t index = 0; index < count; ++index)
        log.write(Level::info, "m", {{"index", index}});
    EXPECT_LE(waits() - before, 1) << "at most for the lock while the log takes its first record";
    EXPECT_GE(log.dropped() - dropped, count - 1);
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

bool comes_to_drop(const Log& log, std::uint64_t count)
{
    for (const auto limit = steady_clock::now() + 10s; log.dropped() < count; std::this_thread::yield())
        if (steady_clock::now() > limit)
            return false;
    return true;
}

TEST(ClosedLog, LosesAndCountsAndDoesNotRaiseSigpipe)
{
    Pipe pipe;
    pipe.close_reader();
    Log log({Level::info, Format::text, pipe.writer(), 1s});
    log.write(Level::info, "one");
    log.write(Level::info, "two");
    EXPECT_TRUE(comes_to_drop(log, 2));
    EXPECT_TRUE(comes_to_sleep("dialhook-feeds")) << "its own report fails as well, and must not keep it busy";
    EXPECT_EQ(log.dropped(), 2U);
}

TEST(ClosedLog, RefusesEverythingOnADescriptorThatIsNone)
{
    Log log({Level::info, Format::json, -1, 1s});
    for (std::uint64_t count = 1; count < 4; ++count) {
        log.write(Level::info, "m");
        EXPECT_TRUE(comes_to_drop(log, count));
    }
}

} // namespace
} // namespace dialhook::log
