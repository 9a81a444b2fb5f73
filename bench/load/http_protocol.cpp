#include "http_message.hpp"
#include "protocol.hpp"
#include "scenario.hpp"

namespace dialhook::bench {

void HttpProtocol::append_request(const Call& call, std::string& out) const
{
    out.append("GET ").append(scenario::target_before_digits).append(call.caller_digits());
    out.append(scenario::target_after_digits);
    out.append(" HTTP/1.1\r\nHost: localhost\r\nUser-Agent: dialhook-bench\r\nAccept: */*\r\n\r\n");
}

std::optional<Answer> HttpProtocol::first_answer(std::string_view received) const
{
    const auto message = first_message(received);
    if (!message)
        return std::nullopt;
    Answer answer{message->size, std::nullopt, {}, message->fault};
    if (answer.fault.empty() && message->body != scenario::reply)
        answer.fault = "wrong body";
    return answer;
}

} // namespace dialhook::bench
