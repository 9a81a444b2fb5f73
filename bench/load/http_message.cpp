#include "http_message.hpp"

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

/// Value of `Content-Length`. All systems under test send one.
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

std::optional<HttpMessage> first_message(std::string_view received)
{
    const auto head_size = received.find(head_end);
    if (head_size == std::string_view::npos)
        return std::nullopt;
    const auto head = received.substr(0, head_size);
    const auto body_at = head_size + head_end.size();
    const auto length = content_length(head);
    if (!length)
        return HttpMessage{received.size(), {}, "a response without Content-Length"};
    if (received.size() < body_at + *length)
        return std::nullopt;
    return HttpMessage{body_at + *length, received.substr(body_at, *length),
                       head.starts_with("HTTP/1.1 200 ") ? std::string_view{} : "not 200"};
}

} // namespace dialhook::bench
