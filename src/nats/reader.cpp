#include "nats/reader.hpp"

#include "base/text.hpp"
#include "nats/info.hpp"
#include "nats/peer_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace dialhook::nats {
namespace {

constexpr std::string_view blanks = " \t";

/// Takes the first word off `text`, with the blanks around it.
std::string_view take_word(std::string_view& text)
{
    text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
    const std::string_view word = text.substr(0, text.find_first_of(blanks));
    text.remove_prefix(word.size());
    text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
    return word;
}

std::string_view trimmed(std::string_view text)
{
    const std::size_t end = text.find_last_not_of(blanks);
    return end == std::string_view::npos ? std::string_view() : text.substr(0, end + 1);
}

std::string_view without_quotes(std::string_view text)
{
    const bool is_quoted = text.size() >= 2 && text.front() == '\'' && text.back() == '\'';
    return is_quoted ? text.substr(1, text.size() - 2) : text;
}

/// Reads a decimal number of digits alone.
template <class Number>
bool read_number(std::string_view text, Number& number)
{
    const char* const end = text.data() + text.size();
    const auto [stopped_at, error] = std::from_chars(text.data(), end, number);
    return error == std::errc() && stopped_at == end && !text.empty();
}

} // namespace

void Reader::feed(std::string_view bytes)
{
    bytes_ += bytes;
}

boost::system::result<std::optional<ServerMessage>, std::string_view> Reader::next()
{
    std::optional<ServerMessage> message;
    if (fault_.empty())
        message = message_ ? read_body() : read_line();
    if (!fault_.empty())
        return fault_;
    return message;
}

std::optional<ServerMessage> Reader::read_line()
{
    const std::size_t end = bytes_.find('\n', std::max(scanned_, start_));
    const bool is_whole = end != std::string::npos;
    if ((is_whole ? end : bytes_.size()) - start_ > max_line)
        return refuse("a line of more than 32 KiB");
    if (!is_whole) {
        compact();
        scanned_ = bytes_.size();
        return std::nullopt;
    }
    std::string_view line = std::string_view(bytes_).substr(start_, end - start_);
    if (line.ends_with('\r'))
        line.remove_suffix(1);
    start_ = scanned_ = end + 1;
    return read_command(line);
}

std::optional<ServerMessage> Reader::read_command(std::string_view line)
{
    std::string_view rest = line;
    const std::string_view command = take_word(rest);
    if (text::equals_ignoring_case(command, "MSG"))
        return announce(rest, false);
    if (text::equals_ignoring_case(command, "HMSG"))
        return announce(rest, true);
    if (text::equals_ignoring_case(command, "PING"))
        return Ping{};
    if (text::equals_ignoring_case(command, "PONG"))
        return Pong{};
    if (text::equals_ignoring_case(command, "+OK"))
        return Ok{};
    if (text::equals_ignoring_case(command, "-ERR"))
        return ServerError{peer_text(without_quotes(trimmed(rest)))};
    if (!text::equals_ignoring_case(command, "INFO"))
        return refuse("a line that is none of NATS");
    if (auto info = read_info(rest))
        return *std::move(info);
    return refuse("an INFO that is not JSON");
}

/// Reads `SUBJECT SID [REPLY-TO] [HEADER-SIZE] SIZE`.
std::optional<ServerMessage> Reader::announce(std::string_view arguments, bool has_headers)
{
    std::array<std::string_view, 5> words;
    std::size_t count = 0;
    while (!arguments.empty() && count < words.size())
        words[count++] = take_word(arguments);
    const std::size_t sizes = has_headers ? 2 : 1;
    if (!arguments.empty() || (count != 2 + sizes && count != 3 + sizes))
        return refuse("a message with a wrong number of arguments");

    Announced announced;
    announced.message.subject = words[0];
    const bool is_sound = read_number(words[1], announced.message.subscription) &&
                          read_number(words[count - 1], announced.size) &&
                          (!has_headers || read_number(words[count - 2], announced.header_size)) &&
                          announced.header_size <= announced.size;
    if (!is_sound)
        return refuse("a message with a wrong size");
    if (announced.size > max_message)
        return refuse("a message of more than 1 MiB");
    message_ = std::move(announced);
    return read_body();
}

std::optional<ServerMessage> Reader::read_body()
{
    const std::size_t size = message_->size + line_end.size();
    if (bytes_.size() - start_ < size) {
        compact();
        return std::nullopt;
    }
    const std::string_view body = std::string_view(bytes_).substr(start_, size);
    if (!body.ends_with(line_end))
        return refuse("a message that does not end where it says");
    Announced announced = *std::exchange(message_, std::nullopt);
    announced.message.headers = body.substr(0, announced.header_size);
    announced.message.payload = body.substr(announced.header_size, announced.size - announced.header_size);
    start_ += size;
    scanned_ = start_;
    return std::move(announced.message);
}

std::optional<ServerMessage> Reader::refuse(std::string_view fault)
{
    fault_ = fault;
    message_.reset();
    bytes_.clear();
    start_ = scanned_ = 0;
    return std::nullopt;
}

/// Forgets what was read. Only once all that came was looked at, so that each byte is moved once.
void Reader::compact()
{
    bytes_.erase(0, start_);
    start_ = scanned_ = 0;
}

} // namespace dialhook::nats
