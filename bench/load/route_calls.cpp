#include "route_calls.hpp"

#include "json_object.hpp"
#include "scenario.hpp"

#include <algorithm>
#include <initializer_list>
#include <numeric>
#include <random>
#include <utility>

namespace dialhook::bench {
namespace {

void append(std::string& out, std::initializer_list<std::string_view> pieces)
{
    for (const auto piece : pieces)
        out.append(piece);
}

std::string_view unquoted(std::string_view value)
{
    return value.size() >= 2 && value.front() == '"' ? value.substr(1, value.size() - 2) : std::string_view{};
}

std::string_view caller_of(std::string_view callerid)
{
    JsonObject members{callerid};
    while (const auto member = members.next())
        if (member->key == "number")
            return unquoted(member->value);
    return {};
}

/// What a decision says, as far as it is checked.
struct Decision
{
    std::string_view branch;
    std::string_view reason;
    std::string_view destination;
    std::string_view callername;
};

std::string_view fault_of_success(const Decision& decision)
{
    if (decision.branch != "success")
        return "the decision is not the success branch";
    if (decision.destination != scenario::reply_destination)
        return "wrong destination";
    if (decision.callername != scenario::reply_callername)
        return "wrong caller name";
    return {};
}

std::string_view fault_of_timeout(const Decision& decision)
{
    return decision.branch == "failure" && decision.reason == "timeout" ? std::string_view{} : "not a time-out";
}

} // namespace

RouteCalls::RouteCalls(std::string webhook, std::size_t spread, Expected expected)
    : webhook_{std::move(webhook)}
    , order_(spread)
    , expected_{expected}
{
    std::iota(order_.begin(), order_.end(), 0U);
    std::shuffle(order_.begin(), order_.end(), std::minstd_rand{});
}

void RouteCalls::append_params(const Call& call, std::string& out) const
{
    append(out, {R"({"webhook":")", webhook_});
    if (!order_.empty())
        out.append("-").append(std::to_string(order_[call.id() % order_.size()]));
    append(out, {R"(","did":")", scenario::did, R"(","callerid":")", scenario::caller_prefix, call.caller_digits(),
                 R"(","callername":")", scenario::callername, R"(","call_id":"1700000000.)", std::to_string(call.id()),
                 R"("})"});
}

void RouteCalls::check(std::string_view result, Answer& answer) const
{
    Decision decision;
    JsonObject members{result};
    while (const auto member = members.next()) {
        if (member->key == "branch")
            decision.branch = unquoted(member->value);
        else if (member->key == "reason")
            decision.reason = unquoted(member->value);
        else if (member->key == "destination")
            decision.destination = unquoted(member->value);
        else if (member->key == "callername")
            decision.callername = unquoted(member->value);
        else if (member->key == "callerid")
            answer.caller = caller_of(member->value);
    }
    if (!members.ended_well())
        answer.fault = "the result is no JSON object";
    else if (answer.caller.empty())
        answer.fault = "no caller";
    else if (expected_ == Expected::success)
        answer.fault = fault_of_success(decision);
    else
        answer.fault = fault_of_timeout(decision);
}

} // namespace dialhook::bench
