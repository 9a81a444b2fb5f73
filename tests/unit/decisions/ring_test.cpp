#include "decisions/sink.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <string>
#include <thread>
#include <vector>

#ifdef __has_feature
#define DIALHOOK_FEATURE(name) __has_feature(name)
#else
#define DIALHOOK_FEATURE(name) 0
#endif

// The sanitizers bring operators of their own.
#if !defined(__SANITIZE_THREAD__) && !defined(__SANITIZE_ADDRESS__) && !DIALHOOK_FEATURE(thread_sanitizer) && \
    !DIALHOOK_FEATURE(address_sanitizer)
#define DIALHOOK_COUNTS_ALLOCATIONS

namespace {

thread_local std::size_t allocations = 0;

} // namespace

void* operator new(std::size_t size)
{
    ++allocations;
    if (void* const place = std::malloc(size))
        return place;
    throw std::bad_alloc();
}

void operator delete(void* place) noexcept
{
    std::free(place);
}

void operator delete(void* place, std::size_t) noexcept
{
    std::free(place);
}

#endif

namespace dialhook::dispatch {
namespace {

using namespace std::chrono_literals;
using Record = DecisionRecord;

Call call_of(std::string_view caller)
{
    Call call{*Did::from("+31502102544"), {}, {}, {}, {}};
    call.callerid = *decltype(call.callerid)::from(caller);
    call.call_id = *decltype(call.call_id)::from("c-1");
    return call;
}

DispatchResult failure()
{
    DispatchResult result(Decision::failure(Reason::http_status));
    result.decision.http_status = 503;
    result.decision.source = Source::url;
    result.decision.detail = "the web server answered with HTTP status 503";
    result.elapsed = 12ms;
    result.timing[net::Phase::wait] = 11ms;
    result.retries = 2;
    return result;
}

void add(DecisionRing& ring, const RoutedCall& routed, bool is_logged = true, bool is_masked = false)
{
    Record record(routed, is_logged, is_masked);
    ring.add(record);
}

std::vector<Record> all_of(const DecisionRing& ring, std::uint64_t after = 0)
{
    std::vector<Record> records;
    ring.each(after, [&](const Record& record) { records.push_back(record); });
    return records;
}

/// What the log would put out, as text.
std::vector<std::string> lines_of(DecisionFeed& feed)
{
    std::vector<std::string> lines;
    feed.begin();
    while (feed.next())
        feed.take([&](const log::Record& record) {
            std::string line(log::name(record.level));
            line.append(" ").append(record.message);
            for (const auto& [key, value] : record.fields)
                if (const auto* text = value.text())
                    line.append(" ").append(key).append("=").append(*text);
                else if (const auto* integer = value.integer())
                    line.append(" ").append(key).append("=").append(std::to_string(*integer));
                else
                    line.append(" ").append(key).append("=").append(std::to_string(value.decimal()->value));
            lines.push_back(line);
        });
    return lines;
}

TEST(DecisionRing, KeepsWhatIsKnownOfADecision)
{
    DecisionRing ring;
    const Call call = call_of("+31612345678");
    const DispatchResult result = failure();
    add(ring, {call, "+3150*", "crm", "Jan", &result});

    const auto all = all_of(ring);
    ASSERT_EQ(all.size(), 1U);
    const Record& record = all.front();
    EXPECT_EQ(record.number(), 1U);
    EXPECT_EQ(record.text(Record::webhook), "crm");
    EXPECT_EQ(record.text(Record::dialplan), "+3150*");
    EXPECT_EQ(record.text(Record::did), "+31502102544");
    EXPECT_EQ(record.text(Record::callerid), "+31612345678");
    EXPECT_EQ(record.text(Record::callername), "Jan");
    EXPECT_EQ(record.text(Record::call_id), "c-1");
    EXPECT_EQ(record.branch(), Branch::failure);
    EXPECT_EQ(record.reason(), Reason::http_status);
    EXPECT_EQ(record.http_status(), 503);
    EXPECT_FALSE(record.status());
    EXPECT_EQ(record.text(Record::detail), result.decision.detail);
    EXPECT_EQ(record.text(Record::destination), "");
    EXPECT_EQ(record.retries(), 2U);
    EXPECT_EQ(record.elapsed(), 12ms);
    EXPECT_EQ(record.timing()[net::Phase::wait], 11ms);
    EXPECT_TRUE(all_of(ring, 1).empty());
}

TEST(DecisionRing, FindsTheLastOnesInTheirOrder)
{
    DecisionRing ring;
    const Call call = call_of("1");
    for (std::size_t count = 0; count < 20 * DecisionRing::recent + 5; ++count) // more than it holds
        add(ring, {call, "100", {}, {}, nullptr});
    const auto all = all_of(ring);
    ASSERT_EQ(all.size(), DecisionRing::recent);
    EXPECT_EQ(all.front().number(), ring.latest() - DecisionRing::recent + 1);
    EXPECT_EQ(all.back().number(), ring.latest());
    EXPECT_EQ(all_of(ring, ring.latest() - 2).size(), 2U);
}

TEST(DecisionRing, CutsLongTextsAtAWholeCharacter)
{
    DecisionRing ring;
    const Call call = call_of(std::string(256, '1'));
    std::string name;
    for (int count = 0; count < 600; ++count)
        name += "é";
    const std::string key(300, 'd');
    const std::string webhook(64, 'w');
    const std::string shown = "x" + name;
    for (int count = 0; count < 400; ++count) { // more than it holds of that length
        add(ring, {call, key, webhook, shown, nullptr});
        const Record record = all_of(ring, ring.latest() - 1).at(0);
        ASSERT_EQ(record.text(Record::callerid), std::string(256, '1'));
        ASSERT_EQ(record.text(Record::dialplan), std::string(256, 'd'));
        ASSERT_EQ(record.text(Record::webhook), webhook);
        ASSERT_EQ(record.text(Record::callername), shown.substr(0, 1023));
    }
}

/// A decision whose texts all consist of one character, of a length of their own, up to more than is kept.
struct Sample
{
    explicit Sample(std::uint64_t number)
        : character(static_cast<char>('0' + number % 10))
        , size(number * 379 % 1100 + 1)
        , text(size, character)
        , call{*Did::from(text.substr(0, Did::max_bytes)), {}, {}, {}, {}}
        , result(Decision::failure(Reason::connect))
    {
        call.callerid = *decltype(call.callerid)::from(text.substr(0, CallText::max_bytes));
        result.decision.detail = text;
    }

    RoutedCall routed() const { return {call, text, text, text, &result}; }

    char character;
    std::size_t size;
    std::string text;
    Call call;
    DispatchResult result;
};

bool is_whole(const Record& record)
{
    const Sample sample(record.number());
    const auto holds = [&](Record::Text which) {
        return record.text(which) ==
               std::string(std::min<std::size_t>(sample.size, Record::longest[which]), sample.character);
    };
    return holds(Record::dialplan) && holds(Record::webhook) && holds(Record::did) && holds(Record::callerid) &&
           holds(Record::callername) && holds(Record::detail) && record.text(Record::destination).empty();
}

TEST(DecisionRing, NeverShowsAReaderHalfOfARecord)
{
    const auto ring = std::make_shared<DecisionRing>();
    DecisionFeed feed(ring);
    std::atomic<bool> is_done{false};
    constexpr std::uint64_t count = 8'000; // a dozen times round
    std::thread writer([&] {
        for (std::uint64_t number = 1; number <= count; ++number)
            add(*ring, Sample(number).routed());
        is_done = true;
    });
    std::uint64_t taken = 0;
    std::uint64_t torn_lines = 0;
    std::thread log([&] {
        for (bool last = false; !last;) {
            last = is_done;
            for (const std::string& line : lines_of(feed)) {
                ++taken;
                const std::string detail = line.substr(line.find(" detail=") + 8);
                const std::string did = line.substr(line.find(" did=") + 5, 1);
                torn_lines += detail == std::string(detail.size(), did[0]) ? 0U : 1U;
            }
        }
    });
    std::uint64_t torn = 0;
    std::uint64_t max_dropped = 0;
    while (!is_done) {
        ring->each(0, [&](const Record& record) { torn += is_whole(record) ? 0U : 1U; });
        max_dropped = std::max(max_dropped, feed.dropped());
    }
    writer.join();
    log.join();
    EXPECT_EQ(torn, 0U);
    EXPECT_EQ(torn_lines, 0U);
    EXPECT_LE(max_dropped, count);
    EXPECT_EQ(ring->latest(), count);
    EXPECT_EQ(taken + feed.dropped(), count) << "each is a line or counted";
    EXPECT_TRUE(feed.is_empty());
}

TEST(DecisionRing, KeepsWholeWhatTheSlowestReaderHasBegunWith)
{
    const auto ring = std::make_shared<DecisionRing>();
    DecisionFeed feed(ring);
    add(*ring, Sample(1).routed());
    feed.begin();
    ASSERT_TRUE(feed.next());              // it holds the first one, and is then not heard of for a while
    constexpr std::uint64_t count = 3'000; // four times round
    std::uint64_t dropped = 0;
    for (std::uint64_t number = 2; number <= count; ++number) {
        add(*ring, Sample(number).routed());
        if (number % 10 != 0)
            continue;
        ASSERT_GE(feed.dropped(), dropped) << "what is lost is known before the log comes, and never fewer";
        dropped = feed.dropped();
    }
    EXPECT_GT(dropped, count / 2);
    std::string first;
    feed.take([&](const log::Record& record) { first = *record.fields.back().value.text(); });
    EXPECT_EQ(first, Sample(1).text) << "the detail";
    const auto lines = lines_of(feed);
    EXPECT_GE(feed.dropped(), dropped);
    EXPECT_GT(lines.size(), 200U) << "the younger half of the ring";
    EXPECT_EQ(1 + lines.size() + feed.dropped(), count);
}

TEST(DecisionRing, CountsWhatTheLogLost)
{
    const auto ring = std::make_shared<DecisionRing>();
    DecisionFeed feed(ring);
    const Call call = call_of("1");
    constexpr std::size_t count = 10'000; // more than it holds
    for (std::size_t number = 0; number < count; ++number)
        add(*ring, {call, {}, "crm", {}, nullptr}, number % 2 == 0);
    EXPECT_FALSE(feed.is_empty());
    const auto overwritten = feed.dropped(); // before anybody has looked
    EXPECT_GT(overwritten, count / 4);
    const auto lines = lines_of(feed);
    EXPECT_GE(feed.dropped(), overwritten);
    EXPECT_GT(lines.size(), 900U) << "half of the ring, every other of its records";
    EXPECT_EQ(lines.size() + feed.dropped(), count / 2);
    EXPECT_TRUE(feed.is_empty());
}

TEST(DecisionRing, CallsTheLogWhenAPieceIsTakenAndItsRecordsAreWanted)
{
    const auto ring = std::make_shared<DecisionRing>();
    DecisionFeed feed(ring);
    const Call call = call_of("1");
    const auto until_filled = [&] {
        for (int count = 1; count < 1000; ++count) {
            Record record({call, {}, "crm", {}, nullptr}, true, false);
            if (ring->add(record))
                return count;
        }
        return 1000;
    };
    const int first = until_filled();
    EXPECT_GT(first, 50);
    EXPECT_LT(first, 1000);
    lines_of(feed);
    EXPECT_EQ(until_filled(), first);
}

TEST(DecisionFeed, MakesALineOfWhatTheLogWants)
{
    const auto ring = std::make_shared<DecisionRing>();
    DecisionFeed feed(ring);
    const Call call = call_of("+31612345678");
    const DispatchResult failed = failure();
    DispatchResult reached(Decision::success());
    reached.decision.status = Status::ack;
    reached.decision.destination = *Destination::from("101");
    reached.elapsed = 1ms;
    add(*ring, {call, "+3150*", "crm", "Jan", &reached});
    add(*ring, {call, "+3150*", "crm", "Jan", &failed}, false);
    add(*ring, {call, {}, "crm", {}, &failed}, true, true);
    add(*ring, {call, "100", {}, {}, nullptr});
    EXPECT_EQ(lines_of(feed),
              (std::vector<std::string>{
                  "info decision call_id=c-1 dialplan=+3150* webhook=crm did=+31502102544 callerid=+31612345678 "
                  "callername=Jan branch=success status=ACK destination=101 elapsed_ms=1.000000",
                  "warning decision call_id=c-1 webhook=crm did=*** callerid=*** branch=failure reason=http_status "
                  "http_status=503 retries=2 elapsed_ms=12.000000 wait_ms=11.000000 detail=the web server answered "
                  "with HTTP status 503",
                  "info decision call_id=c-1 dialplan=100 did=+31502102544 callerid=+31612345678"}));
    EXPECT_TRUE(lines_of(feed).empty());
    EXPECT_EQ(feed.dropped(), 0U);
}

TEST(DecisionSink, NeitherAllocatesNorWaitsForTheLog)
{
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0); // nobody reads it
    log::Log::Options options;
    options.fd = ends[1];
    options.flush_limit = 10ms;
    {
        log::Log log(options);
        const auto ring = std::make_shared<DecisionRing>();
        log.add(std::make_shared<DecisionFeed>(ring));
        ThreadMetrics metrics;
        DecisionSink sink(metrics, *ring, log);
        const config::ServerSettings settings;
        const Call call = call_of("+31612345678");
        DispatchResult result(Decision::success());
        result.decision.status = Status::ack;
        const auto voluntary_waits = [] {
            rusage usage{};
            ::getrusage(RUSAGE_THREAD, &usage);
            return usage.ru_nvcsw;
        };
        const auto waited = voluntary_waits();
#ifdef DIALHOOK_COUNTS_ALLOCATIONS
        const auto allocated = allocations;
#endif
        for (int count = 0; count < 50'000; ++count)
            sink.record(settings, {call, {}, "crm", "Jan", &result});
#ifdef DIALHOOK_COUNTS_ALLOCATIONS
        EXPECT_EQ(allocations, allocated);
#endif
#ifdef DIALHOOK_EMULATED
        EXPECT_LT(voluntary_waits(), waited + 50) << "the emulator has locks of its own";
#else
        EXPECT_EQ(voluntary_waits(), waited);
#endif
    }
    ::close(ends[0]);
    ::close(ends[1]);
}

} // namespace
} // namespace dialhook::dispatch
