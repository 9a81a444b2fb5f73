#include "net/http/chunked_body.hpp"

#include "net/http/response.hpp"
#include "net/http/response_head.hpp"

#include <algorithm>
#include <charconv>

namespace dialhook::net {
namespace {

constexpr std::string_view no_size = "a chunk has no size";
constexpr std::string_view odd_size = "the size of a chunk is not a hexadecimal number";
constexpr std::string_view long_chunk = "a chunk is longer than its size";
constexpr std::string_view bare_cr_between_chunks = "a line between its chunks has a CR that does not end it";

bool has_cr(std::string_view line)
{
    return line.find('\r') != std::string_view::npos;
}

} // namespace

ChunkedBody::State ChunkedBody::take(std::string_view& bytes, std::string& body)
{
    while (!bytes.empty()) {
        if (part_ == Part::data) {
            const std::size_t size = std::min<std::uint64_t>(left_, bytes.size());
            body.append(bytes.substr(0, size));
            bytes.remove_prefix(size);
            left_ -= size;
            if (left_ == 0)
                part_ = Part::end_of_data;
        } else if (const State state = take_line_of_frame(bytes, body); state != State::more) {
            return state;
        }
    }
    return State::more;
}

ChunkedBody::State ChunkedBody::take_line_of_frame(std::string_view& bytes, const std::string& body)
{
    const std::size_t size = std::min(bytes.find('\n'), bytes.size() - 1) + 1;
    frame_size_ += size;
    if (frame_size_ > Response::max_head)
        return refuse("a line between its chunks is longer than 16 KiB");
    const bool is_whole = bytes[size - 1] == '\n';
    if (!is_whole || !line_.empty())
        line_.append(bytes.substr(0, size));
    std::string_view line = line_.empty() ? bytes.substr(0, size) : std::string_view(line_);
    bytes.remove_prefix(size);
    if (!is_whole) {
        const std::string_view fault = fault_in_beginning(line);
        return fault.empty() ? State::more : refuse(fault);
    }
    const State state = read_line(take_line(line, is_proper_), body);
    line_.clear();
    return state;
}

/// Returns what is wrong with a line whose end has not come: a web server that never ends it must not hold the caller.
std::string_view ChunkedBody::fault_in_beginning(std::string_view line) const
{
    if (part_ == Part::end_of_data && line.front() != '\r' && line.front() != '\n')
        return long_chunk;
    if (part_ != Part::size)
        return {};
    const auto end = line.find_first_not_of("0123456789abcdefABCDEF");
    if (end == 0)
        return no_size;
    if (end != std::string_view::npos && std::string_view(" \t;\r\n").find(line[end]) == std::string_view::npos)
        return odd_size;
    return {};
}

ChunkedBody::State ChunkedBody::read_line(std::string_view line, const std::string& body)
{
    if (part_ == Part::trailer) {
        if (has_cr(line))
            return refuse(bare_cr_between_chunks);
        return line.empty() ? State::complete : State::more;
    }
    frame_size_ = 0;
    if (part_ == Part::size)
        return read_size(line, body);
    if (!line.empty())
        return refuse(long_chunk);
    part_ = Part::size;
    return State::more;
}

/// Reads the size of a chunk. RFC 9112 has no blanks after it, but they mean nothing else to anybody.
ChunkedBody::State ChunkedBody::read_size(std::string_view line, const std::string& body)
{
    const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), left_, 16);
    if (error == std::errc::invalid_argument)
        return refuse(no_size);
    if (error != std::errc())
        return refuse("the size of a chunk is beyond 64 bits");
    const std::string_view rest = line.substr(static_cast<std::size_t>(end - line.data()));
    const auto extension = rest.find_first_not_of(" \t");
    if (extension != std::string_view::npos && rest[extension] != ';')
        return refuse(odd_size);
    if (has_cr(rest))
        return refuse(bare_cr_between_chunks);
    part_ = left_ == 0 ? Part::trailer : Part::data;
    return left_ > Response::max_body - body.size() ? State::too_long : State::more;
}

ChunkedBody::State ChunkedBody::refuse(std::string_view fault)
{
    fault_ = fault;
    return State::refused;
}

} // namespace dialhook::net
