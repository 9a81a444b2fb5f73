#include "dispatch/policy/reply_cache.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <list>
#include <random>

namespace dialhook::dispatch {
namespace {

using namespace std::chrono_literals;

const ReplyCache::Clock::time_point start{1000s};

Decision ack(const std::string& callername)
{
    Decision decision = Decision::success();
    decision.status = Status::ack;
    decision.callername = callername;
    decision.destination = *Destination::from("101");
    decision.variables = {{"k", "v"}};
    return decision;
}

std::string found(ReplyCache& cache, std::string_view request, std::chrono::milliseconds age,
                  ReplyCache::Clock::time_point now)
{
    const auto decision = cache.find(request, age, now);
    return decision ? decision->callername : "-";
}

TEST(ReplyCache, GivesBackWhatWasKeptUntilItIsTooOld)
{
    ReplyCache cache;
    cache.keep("/a", ack("Jan"), start);
    EXPECT_EQ(found(cache, "/a", 5s, start + 5s), "Jan");
    EXPECT_EQ(found(cache, "/a", 5s, start + 5001ms), "-");
    EXPECT_EQ(found(cache, "/a", 10s, start + 5001ms), "Jan") << "another limit, such as stale_if_error";
    EXPECT_EQ(found(cache, "/b", 5s, start), "-");
    cache.keep("/a", ack("Piet"), start + 1s);
    EXPECT_EQ(found(cache, "/a", 5s, start + 6s), "Piet");
    EXPECT_EQ(cache.size(), 1U);
    EXPECT_EQ(cache.find("/a", 5s, start)->variables, (Variables{{"k", "v"}}));
}

TEST(ReplyCache, IsBoundedInEntries)
{
    ReplyCache cache;
    for (std::size_t number = 0; number < ReplyCache::max_entries + 100; ++number)
        cache.keep("/" + std::to_string(number), ack("x"), start);
    EXPECT_EQ(cache.size(), ReplyCache::max_entries);
    EXPECT_EQ(found(cache, "/99", 1s, start), "-");
    EXPECT_EQ(found(cache, "/100", 1s, start), "x");
}

TEST(ReplyCache, IsBoundedInBytes)
{
    ReplyCache cache;
    const std::string large(1024 * 1024, 'a');
    for (int number = 0; number < 20; ++number)
        cache.keep(large + std::to_string(number), ack("x"), start);
    EXPECT_LT(cache.size(), 9U);
    EXPECT_GT(cache.size(), 5U);
    cache.keep(std::string(ReplyCache::max_bytes, 'a'), ack("x"), start);
    EXPECT_LT(cache.size(), 9U);
    EXPECT_EQ(found(cache, large + "19", 1s, start), "x") << "what is too large is not kept, and pushes nothing out";
}

/// Least recently used out first, against a plain list.
TEST(ReplyCache, IsAsTheModelSaysForRandomEvents)
{
    std::mt19937 random(20261124);
    ReplyCache cache;
    std::list<std::pair<std::string, std::string>> model;
    const auto in_model = [&model](const std::string& request) {
        return std::find_if(model.begin(), model.end(), [&](const auto& entry) { return entry.first == request; });
    };
    for (int event = 0; event < 20'000; ++event) {
        const std::string request = "/" + std::to_string(random() % 300);
        const auto known = in_model(request);
        if (random() % 4 == 0) {
            EXPECT_EQ(found(cache, request, 1s, start), known == model.end() ? "-" : known->second);
            if (known != model.end())
                model.splice(model.begin(), model, known);
            continue;
        }
        const std::string name = std::to_string(event);
        cache.keep(request, ack(name), start);
        if (known != model.end())
            model.erase(known);
        model.emplace_front(request, name);
        if (model.size() > ReplyCache::max_entries)
            model.pop_back();
    }
    EXPECT_EQ(cache.size(), model.size());
}

} // namespace
} // namespace dialhook::dispatch
