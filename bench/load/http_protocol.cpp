#include "protocol.hpp"
#include "scenario.hpp"

#include <algorithm>
#include <charconv>

namespace dialhook::bench {
namespace {

constexpr std::string_view line_end = "\r\n";
constexpr std::string_view head_end = "\r\n\r\n";

bool same_letters(std::string_view text, std::string_view lower_case)
{
    return std::ranges::equal(text, lower_case, [](char left, char right) {
        return (left >= 'A' && left <= 'Z' ? static_cast<char>(left - 'A' + 'a') : left) == right;
    });
}

/// Value of `Content-Length`. A proxy that passes on our web server's reply always has one.
std::optional<std::size_t> content_length(std::string_view head)
{
    constexpr std::string_view name = "content-length:";
    for (auto at = head.find(line_end); at != std::string_view::npos; at = head.find(line_end, at)) {
        at += line_end.size();
        if (!same_letters(head.substr(at, name.size()), name))
            continue;
        const auto digits = std::min(head.find_first_not_of(' ', at + name.size()), head.size());
        std::size_t length = 0;
        if (std::from_chars(head.data() + digits, head.data() + head.size(), length).ec == std::errc{})
            return length;
    }
    return std::nullopt;
}

} // namespace

void HttpProtocol::append_request(const Call& call, std::string& out) const
{
    out.append("GET ").append(scenario::target_before_digits).append(call.caller_digits());
    out.append(scenario::target_after_digits);
    out.append(" HTTP/1.1\r\nHost: localhost\r\nUser-Agent: dialhook-bench\r\nAccept: */*\r\n\r\n");
}

std::optional<Answer> HttpProtocol::first_answer(std::string_view received) const
{
    const auto head_size = received.find(head_end);
    if (head_size == std::string_view::npos)
        return std::nullopt;
    const auto head = received.substr(0, head_size);
    const auto body_at = head_size + head_end.size();
    const auto length = content_length(head);
    if (!length)
        return Answer{received.size(), std::nullopt, {}, "a response without Content-Length"};
    if (received.size() < body_at + *length)
        return std::nullopt;

    Answer answer{body_at + *length, std::nullopt, {}, {}};
    if (!head.starts_with("HTTP/1.1 200 "))
        answer.fault = "not 200";
    else if (received.substr(body_at, *length) != scenario::reply)
        answer.fault = "wrong body";
    return answer;
}

} // namespace dialhook::bench
