#include "net/http/response_head.hpp"

#include "base/ascii.hpp"
#include "base/text.hpp"
#include "net/http/keep_alive.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

namespace dialhook::net {
namespace {

using namespace std::string_view_literals;

bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t';
}

std::string_view without_blanks(std::string_view text)
{
    while (!text.empty() && is_blank(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back()))
        text.remove_suffix(1);
    return text;
}

/// What a byte may stand in.
enum Class : unsigned char
{
    in_token = 1,
    in_value = 2
};

constexpr auto classes = [] {
    std::array<unsigned char, 256> table{};
    for (unsigned byte = 0x20; byte < table.size(); ++byte)
        table[byte] = in_value;
    table['\t'] = in_value;
    table[0x7F] = 0;
    for (unsigned byte = 0; byte < 0x80; ++byte)
        if (ascii::is_token_byte(static_cast<char>(byte)))
            table[byte] |= in_token;
    return table;
}();

bool are_all(std::string_view text, Class wanted)
{
    return std::all_of(text.begin(), text.end(),
                       [wanted](char byte) { return (classes[static_cast<unsigned char>(byte)] & wanted) != 0; });
}

bool is_token(std::string_view text)
{
    return !text.empty() && are_all(text, in_token);
}

bool has_controls(std::string_view value)
{
    return !are_all(value, in_value);
}

/// Returns whether a malformed line may be meant for one that says where the body ends: by its letters, whatever stands
/// between them.
bool is_like_framing(std::string_view line)
{
    std::string letters;
    for (const char byte : line.substr(0, line.find(':')))
        if (ascii::is_letter(byte))
            letters += ascii::lower(byte);
    return letters.find("contentlength") != std::string::npos || letters.find("transferencoding") != std::string::npos;
}

/// Calls `use` with each element of a list that commas separate, also with empty ones, until it returns false.
template <class Use>
bool for_each_element(std::string_view list, Use use)
{
    while (true) {
        const auto comma = list.find(',');
        if (!use(without_blanks(list.substr(0, comma))))
            return false;
        if (comma == std::string_view::npos)
            return true;
        list.remove_prefix(comma + 1);
    }
}

template <std::size_t Size>
bool is_one_of(const std::array<std::string_view, Size>& words, std::string_view word)
{
    return std::any_of(words.begin(), words.end(),
                       [&](std::string_view one) { return text::equals_ignoring_case(one, word); });
}

/// Returns whether `name` changes what a body is. What else stands in Content-Encoding, such as a character set,
/// changes nothing.
bool is_coding(std::string_view name)
{
    constexpr std::array<std::string_view, 7> codings{"gzip",       "x-gzip", "deflate", "compress",
                                                      "x-compress", "br",     "zstd"};
    return is_one_of(codings, without_blanks(name.substr(0, name.find(';'))));
}

/// Returns whether `name` stands in Transfer-Encoding for no coding at all, as in what e-mail has there.
bool is_no_coding(std::string_view name)
{
    constexpr std::array<std::string_view, 6> words{"identity", "none", "binary", "7bit", "8bit", "utf-8"};
    return name.empty() || is_one_of(words, name);
}

constexpr std::string_view bare_cr_in_head = "its head has a CR that ends no line";

/// The lines of one head, read one after the other.
class Head
{
public:
    Head(Response& response, Framing& framing)
        : response_(response)
        , framing_(framing)
    {
    }

    std::string_view take_status_line(std::string_view line)
    {
        const auto read = read_status_line(line);
        if (!read)
            return read.error();
        response_.status = read->status;
        is_http_1_0_ = read->is_http_1_0;
        return has_controls(line) ? pass_over(line) : std::string_view();
    }

    std::string_view read_field(std::string_view line)
    {
        const auto colon = line.find(':');
        const std::string_view name = line.substr(0, colon);
        if (colon == std::string_view::npos || !is_token(name))
            return is_like_framing(line) ? "a line like Content-Length or Transfer-Encoding is malformed"
                                         : pass_over(line);
        const std::string_view value = without_blanks(line.substr(colon + 1));
        if (text::equals_ignoring_case(name, "Content-Length"))
            return read_content_length(value);
        if (text::equals_ignoring_case(name, "Transfer-Encoding"))
            return read_transfer_encoding(value);
        if (has_controls(value))
            return pass_over(line);
        read_harmless_field(name, value);
        return {};
    }

    std::string_view conclude(bool lines_are_proper)
    {
        if (framing_.content_length && framing_.is_chunked)
            return "it has a Content-Length and chunks";
        const int status = response_.status;
        framing_.has_no_body = status / 100 == 1 || status == 204 || status == 304;
        if (framing_.has_no_body)
            response_.body_is_coded = false;
        framing_.keeps_connection = !says_close_ && (says_keep_alive_ || !is_http_1_0_) && !end_is_doubtful_;
        framing_.is_proper = !is_sloppy_ && lines_are_proper;
        return {};
    }

    void mark_sloppy() { is_sloppy_ = true; }

private:
    /// Passes over a malformed line. Some take a CR for the end of one, and may see more lines in it.
    std::string_view pass_over(std::string_view line)
    {
        is_sloppy_ = true;
        return line.find('\r') == std::string_view::npos ? std::string_view() : bare_cr_in_head;
    }

    std::string_view read_content_length(std::string_view value)
    {
        const bool is_sound = for_each_element(value, [this](std::string_view element) {
            std::uint64_t length = 0;
            const char* const end = element.data() + element.size();
            const auto [cancellation, error] = std::from_chars(element.data(), end, length);
            if (element.empty() || error != std::errc() || cancellation != end ||
                framing_.content_length.value_or(length) != length)
                return false;
            framing_.content_length = length;
            return true;
        });
        return is_sound ? std::string_view() : "its Content-Length is not a number, or two that differ";
    }

    /// Reads a list of codings. Only chunks that come last, and once, say where the body ends.
    std::string_view read_transfer_encoding(std::string_view value)
    {
        std::string_view fault;
        for_each_element(value, [&](std::string_view coding) {
            fault = read_transfer_coding(coding);
            return fault.empty();
        });
        return fault;
    }

    std::string_view read_transfer_coding(std::string_view coding)
    {
        const bool is_chunks = text::equals_ignoring_case(coding, "chunked");
        end_is_doubtful_ |= !is_chunks || is_http_1_0_; // another reader may see another end (RFC 9112, 6.1)
        if (is_coding(coding))
            framing_.is_untold = response_.body_is_coded = true;
        else if (is_chunks && framing_.is_chunked)
            return "it is chunked twice";
        else if (is_chunks)
            framing_.is_chunked = true;
        else if (!is_no_coding(coding))
            return "its Transfer-Encoding is not known";
        else if (framing_.is_chunked && !coding.empty())
            return "its Transfer-Encoding does not end with chunks";
        return {};
    }

    void read_harmless_field(std::string_view name, std::string_view value)
    {
        switch (static_cast<unsigned char>(name.front()) | 0x20U) { // most fields begin like none that counts
        case 'l':
            if (text::equals_ignoring_case(name, "Location"))
                response_.location.assign(value);
            break;
        case 'k':
            if (text::equals_ignoring_case(name, "Keep-Alive"))
                response_.keep_alive = keep_alive_timeout(value);
            break;
        case 'c':
            if (text::equals_ignoring_case(name, "Content-Encoding"))
                read_content_encoding(value);
            else if (text::equals_ignoring_case(name, "Connection"))
                read_connection(value);
            break;
        case 'r':
            if (text::equals_ignoring_case(name, "Retry-After"))
                response_.retry_after.assign(value);
            break;
        case 'p':
            if (text::equals_ignoring_case(name, "Proxy-Connection"))
                read_connection(value);
            break;
        default:
            break;
        }
    }

    void read_content_encoding(std::string_view value)
    {
        for_each_element(value, [this](std::string_view coding) {
            response_.body_is_coded |= is_coding(coding);
            return true;
        });
    }

    void read_connection(std::string_view value)
    {
        for_each_element(value, [this](std::string_view option) {
            says_keep_alive_ |= text::equals_ignoring_case(option, "keep-alive");
            says_close_ |= text::equals_ignoring_case(option, "close");
            is_sloppy_ |= !option.empty() && !is_token(option);
            return true;
        });
    }

    Response& response_;
    Framing& framing_;
    bool is_http_1_0_ = false;
    bool says_close_ = false;
    bool says_keep_alive_ = false;
    bool end_is_doubtful_ = false;
    bool is_sloppy_ = false; ///< a line was passed over, or put together
};

} // namespace

boost::system::result<StatusLine, std::string_view> read_status_line(std::string_view line)
{
    constexpr std::size_t version_size = 9;
    constexpr std::size_t size = 12;
    const std::string_view version = line.substr(0, version_size);
    const std::string_view digits = line.substr(std::min(line.size(), version_size), size - version_size);
    const bool is_http_1_1 = version == "HTTP/1.1 ";
    if (!is_http_1_1 && version != "HTTP/1.0 ")
        return "the version is neither HTTP/1.0 nor HTTP/1.1"sv;
    StatusLine read{!is_http_1_1, 0};
    if (digits.size() != size - version_size || !std::all_of(digits.begin(), digits.end(), ascii::is_digit) ||
        digits.front() == '0' || (line.size() > size && line[size] != ' '))
        return "the status is not one of three digits"sv;
    std::from_chars(digits.data(), digits.data() + digits.size(), read.status);
    return read;
}

std::size_t size_of_head(std::string_view bytes, std::size_t& from)
{
    while (true) {
        const auto line_end = bytes.find('\n', from);
        from = std::min(line_end, bytes.size());
        if (line_end == std::string_view::npos)
            return 0;
        const auto next = bytes.find_first_not_of('\r', line_end + 1);
        if (next == std::string_view::npos)
            return 0;
        if (bytes[next] == '\n')
            return next + 1;
        from = next;
    }
}

std::string_view take_line(std::string_view& bytes, bool& is_proper)
{
    const auto end = bytes.find('\n');
    std::string_view line = bytes.substr(0, end);
    bytes.remove_prefix(end + 1);
    const std::size_t size = line.size();
    while (line.ends_with('\r'))
        line.remove_suffix(1);
    if (size - line.size() != 1)
        is_proper = false;
    return line;
}

std::string_view read_head(std::string_view head, Response& response, Framing& framing)
{
    Head reading(response, framing);
    bool is_proper = true;
    std::string_view fault = reading.take_status_line(take_line(head, is_proper));
    std::string folded;
    while (fault.empty()) {
        std::string_view line = take_line(head, is_proper);
        if (line.empty())
            return reading.conclude(is_proper);
        if (!head.empty() && is_blank(head.front())) { // the line goes on in the next one
            folded = line;
            while (!head.empty() && is_blank(head.front()))
                folded.append(" ").append(without_blanks(take_line(head, is_proper)));
            line = folded;
            reading.mark_sloppy();
        }
        fault = reading.read_field(line);
    }
    return fault;
}

} // namespace dialhook::net
