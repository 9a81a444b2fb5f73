#include "json_object.hpp"
#include "protocol.hpp"
#include "scenario.hpp"

#include <charconv>
#include <string>
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

std::optional<std::uint64_t> number(std::string_view value)
{
    std::uint64_t result = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), result);
    if (error != std::errc{} || end != value.data() + value.size())
        return std::nullopt;
    return result;
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

/// Reads the decision into `answer`: whose it is, and what is wrong with it.
void check_decision(std::string_view result, EngineProtocol::Expected expected, Answer& answer)
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
    else if (expected == EngineProtocol::Expected::success)
        answer.fault = fault_of_success(decision);
    else
        answer.fault = fault_of_timeout(decision);
}

} // namespace

EngineProtocol::EngineProtocol(std::string webhook, std::uint64_t spread, Expected expected)
    : webhook_{std::move(webhook)}
    , spread_{spread}
    , expected_{expected}
{
}

void EngineProtocol::append_request(const Call& call, std::string& out) const
{
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof digits, call.id()).ptr;
    const std::string_view id{digits, static_cast<std::size_t>(end - digits)};
    append(out, {R"({"jsonrpc":"2.0","id":)", id, R"(,"method":"call.route","params":{"webhook":")", webhook_});
    if (spread_ > 0)
        out.append("-").append(std::to_string(call.choice(spread_)));
    append(out, {R"(","did":")", scenario::did, R"(","callerid":")", scenario::caller_prefix, call.caller_digits(),
                 R"(","callername":")", scenario::callername, R"(","call_id":"1700000000.)", id, "\"}}\n"});
}

std::optional<Answer> EngineProtocol::first_answer(std::string_view received) const
{
    const auto line_end = received.find('\n');
    if (line_end == std::string_view::npos)
        return std::nullopt;
    Answer answer{line_end + 1, std::nullopt, {}, {}};
    std::string_view result;
    JsonObject members{received.substr(0, line_end)};
    while (const auto member = members.next()) {
        if (member->key == "id")
            answer.id = number(member->value);
        else if (member->key == "result")
            result = member->value;
    }
    if (!members.ended_well())
        answer.fault = "the line is no JSON object";
    else if (!answer.id)
        answer.fault = "no id, or one of another kind";
    else if (result.empty())
        answer.fault = "an error instead of a decision";
    else
        check_decision(result, expected_, answer);
    return answer;
}

} // namespace dialhook::bench
