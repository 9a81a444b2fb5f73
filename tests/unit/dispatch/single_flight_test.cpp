#include "dispatch/policy/reply_cache.hpp"
#include "dispatch/policy/single_flight.hpp"
#include "unit/net/coroutine.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace dialhook::dispatch {
namespace {

using namespace std::chrono_literals;

constexpr auto long_ago = net::TimePoint::min();

Attempt attempt(int http_status)
{
    Decision decision = Decision::failure(Reason::http_status);
    decision.http_status = http_status;
    return {std::move(decision), Outcome::failed};
}

TEST(SingleFlight, IsSharedByWhatIsTheSame)
{
    const ReplyCache definition;
    const ReplyCache other_definition;
    const FlightKey key{&definition, true, "/crm?did=1"};
    SingleFlight flights;
    const SingleFlight::Leader leader(flights, key);

    EXPECT_TRUE(flights.is_under_way({&definition, true, "/crm?did=1"}, long_ago));
    EXPECT_FALSE(flights.is_under_way({&other_definition, true, "/crm?did=1"}, long_ago)) << "a reload changed it";
    EXPECT_FALSE(flights.is_under_way({&definition, false, "/crm?did=1"}, long_ago)) << "a reply is judged differently";
    EXPECT_FALSE(flights.is_under_way({&definition, true, "/crm?did=2"}, long_ago));
    EXPECT_FALSE(flights.is_under_way(key, net::Clock::now() + 1s)) << "it has too little time left";
}

TEST(SingleFlight, HandsTheLeadersAttemptToThoseWhoWait)
{
    const ReplyCache definition;
    const FlightKey key{&definition, false, "/crm"};
    net::asio::io_context context(1);
    SingleFlight flights;
    std::vector<int> statuses;
    std::optional<SingleFlight::Leader> leader(std::in_place, flights, key);
    net::Cancellation cancellation;
    for (int waiter = 0; waiter < 3; ++waiter)
        net::start(context, [&]() -> net::Awaitable<void> {
            const auto shared = co_await flights.join(key, cancellation);
            statuses.push_back(shared ? shared->decision.http_status.value_or(0) : -1);
        });
    context.poll();
    EXPECT_TRUE(statuses.empty());

    leader->complete(attempt(503));
    leader.reset();
    EXPECT_TRUE(statuses.empty()) << "they go on from the event loop, not within the end of the leader";
    EXPECT_FALSE(flights.is_under_way(key, long_ago));
    context.restart();
    context.poll();
    EXPECT_EQ(statuses, (std::vector<int>{503, 503, 503}));
}

TEST(SingleFlight, LeavesThoseWhoWaitToAskThemselves)
{
    const ReplyCache definition;
    const FlightKey key{&definition, false, "/crm"};
    net::asio::io_context context(1);
    SingleFlight flights;
    std::optional<SingleFlight::Leader> leader(std::in_place, flights, key);
    net::Cancellation abandoned;
    net::Cancellation cancellation;
    int without_attempt = 0;
    for (net::Cancellation* const one : {&abandoned, &cancellation})
        net::start(context, [&, one]() -> net::Awaitable<void> {
            const auto shared = co_await flights.join(key, *one);
            without_attempt += shared ? 0 : 1;
        });
    context.poll();
    abandoned.request(net::CancelReason::abandoned);
    EXPECT_EQ(without_attempt, 1) << "its engine vanished while the leader still asks";
    leader.reset();
    context.restart();
    context.poll();
    EXPECT_EQ(without_attempt, 2) << "the leader came to nothing";
}

} // namespace
} // namespace dialhook::dispatch
