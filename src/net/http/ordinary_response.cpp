#include "net/http/ordinary_response.hpp"

#include "base/eight_bytes.hpp"
#include "net/http/keep_alive.hpp"

#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <optional>

namespace dialhook::net {
namespace {

/// What a byte of the head may be (RFC 9110, 5.1 and 5.5); bytes beyond ASCII are left to `ResponseReader`.
enum Ordinary : unsigned char
{
    ordinary_name = 1,
    ordinary_value = 2
};

constexpr auto ordinary_bytes = [] {
    std::array<unsigned char, 256> table{};
    for (unsigned byte = 0x20; byte < 0x7F; ++byte)
        table[byte] = ordinary_value;
    for (const char byte : std::string_view("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"))
        table[static_cast<unsigned char>(byte)] |= ordinary_name;
    return table;
}();

std::string_view take_front(std::string_view& text, std::size_t length)
{
    const std::string_view front(text.data(), length);
    text.remove_prefix(length);
    return front;
}

/// Marks what is not in a value.
eight_bytes::Word marks_in_value(eight_bytes::Word word)
{
    return eight_bytes::below(word, 0x20) | eight_bytes::from_delete_on(word);
}

std::string_view take_name(std::string_view& text)
{
    std::size_t length = 0;
    while (length < text.size() && (ordinary_bytes[static_cast<unsigned char>(text[length])] & ordinary_name) != 0)
        ++length;
    return take_front(text, length);
}

std::string_view take_value(std::string_view& text)
{
    std::size_t length = 0;
    while (text.size() - length >= sizeof(eight_bytes::Word)) {
        const auto marks = marks_in_value(eight_bytes::load(text.data() + length));
        if (marks != 0)
            return take_front(text, length + eight_bytes::before_first(marks));
        length += sizeof(eight_bytes::Word);
    }
    while (length < text.size() && (ordinary_bytes[static_cast<unsigned char>(text[length])] & ordinary_value) != 0)
        ++length;
    return take_front(text, length);
}

template <std::size_t Size>
bool take(std::string_view& text, const char (&expected)[Size])
{
    constexpr std::size_t length = Size - 1;
    if (text.size() < length || std::memcmp(text.data(), expected, length) != 0)
        return false;
    text.remove_prefix(length);
    return true;
}

/// `lower` is in lower case.
bool is(std::string_view name, std::string_view lower)
{
    if (name.size() != lower.size())
        return false;
    for (std::size_t index = 0; index < name.size(); ++index)
        if ((static_cast<unsigned char>(name[index]) | 0x20U) != static_cast<unsigned char>(lower[index]))
            return false;
    return true;
}

std::string_view without_spaces_at_end(std::string_view value)
{
    while (value.ends_with(' '))
        value.remove_suffix(1);
    return value;
}

/// What the head says of the body and the connection.
struct OrdinaryHead
{
    std::optional<std::uint32_t> content_length;
    std::string_view keep_alive;
};

bool take_content_length(OrdinaryHead& head, std::string_view value)
{
    std::uint32_t length = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), length);
    if (error != std::errc() || end != value.data() + value.size() || head.content_length)
        return false;
    head.content_length = length;
    return true;
}

/// Returns false if the field makes the response one that is not ordinary.
bool take_field(OrdinaryHead& head, std::string_view name, std::string_view value)
{
    switch (static_cast<unsigned char>(name.front()) | 0x20U) { // most fields begin like none that counts
    case 'c':
        if (is(name, "content-length"))
            return take_content_length(head, value);
        if (is(name, "connection"))
            return is(value, "keep-alive");
        return !is(name, "content-encoding");
    case 'k':
        if (is(name, "keep-alive"))
            head.keep_alive = value;
        return true;
    case 'l':
        return !is(name, "location");
    case 'p':
        return !is(name, "proxy-connection");
    case 't':
        return !is(name, "transfer-encoding");
    case 'u':
        return !is(name, "upgrade");
    default:
        return true;
    }
}

bool take_status_line(std::string_view& bytes)
{
    if (!take(bytes, "HTTP/1.1 200 "))
        return false;
    take_value(bytes);
    return take(bytes, "\r\n");
}

} // namespace

bool read_ordinary(std::string_view bytes, Response& response)
{
    if (bytes.size() > Response::max_head || !take_status_line(bytes))
        return false;
    OrdinaryHead head;
    while (!take(bytes, "\r\n")) {
        const std::string_view name = take_name(bytes);
        if (name.empty() || !take(bytes, ":"))
            return false;
        while (bytes.starts_with(' '))
            bytes.remove_prefix(1);
        const std::string_view value = without_spaces_at_end(take_value(bytes));
        // A line that goes on in the next one was once allowed.
        if (!take(bytes, "\r\n") || bytes.starts_with(' ') || bytes.starts_with('\t'))
            return false;
        if (!take_field(head, name, value))
            return false;
    }
    if (!head.content_length || bytes.size() != *head.content_length)
        return false;

    response.status = 200;
    response.body = bytes;
    if (!head.keep_alive.empty())
        response.keep_alive = keep_alive_timeout(head.keep_alive);
    return true;
}

} // namespace dialhook::net
