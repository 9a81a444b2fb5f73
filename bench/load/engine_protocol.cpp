#include "engine_protocol.hpp"

#include "http_message.hpp"
#include "json_object.hpp"

#include <charconv>
#include <string>

namespace dialhook::bench {
namespace {

std::optional<std::uint64_t> number(std::string_view value)
{
    std::uint64_t result = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), result);
    if (error != std::errc{} || end != value.data() + value.size())
        return std::nullopt;
    return result;
}

} // namespace

void EngineProtocol::append_request(const Call& call, std::string& out) const
{
    out.append(R"({"jsonrpc":"2.0","id":)").append(std::to_string(call.id()));
    out.append(R"(,"method":"call.route","params":)");
    calls_.append_params(call, out);
    out.append("}\n");
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
        calls_.check(result, answer);
    return answer;
}

void EngineHttpProtocol::append_request(const Call& call, std::string& out) const
{
    std::string params;
    calls_.append_params(call, params);
    out.append("POST /v1/route HTTP/1.1\r\nHost: localhost\r\nUser-Agent: dialhook-bench\r\nAccept: */*\r\n"
               "Content-Type: application/json\r\nContent-Length: ");
    out.append(std::to_string(params.size())).append("\r\n\r\n").append(params);
}

std::optional<Answer> EngineHttpProtocol::first_answer(std::string_view received) const
{
    const auto message = first_message(received);
    if (!message)
        return std::nullopt;
    Answer answer{message->size, std::nullopt, {}, message->fault};
    if (answer.fault.empty())
        calls_.check(message->body, answer);
    return answer;
}

} // namespace dialhook::bench
