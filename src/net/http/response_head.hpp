#pragma once

#include "net/http/response.hpp"

#include <boost/system/result.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace dialhook::net {

/// How the body ends that follows a head, and what becomes of the connection then (RFC 9112, 6.3 and 9.3).
struct Framing
{
    std::optional<std::uint64_t> content_length;
    bool is_chunked = false;
    bool has_no_body = false; ///< as the status says, whatever the lengths say
    bool is_untold = false;   ///< compressed for the transfer: the end of the body is unknown
    bool keeps_connection = false;
    bool is_proper = true; ///< no line was malformed
};

struct StatusLine
{
    bool is_http_1_0;
    int status; ///< 100 to 999
};

/// Reads HTTP/1.0 or 1.1, three digits, and a reason that says nothing. A space is due after the digits, also where no
/// reason follows, but not everyone sends it. The error says what is wrong. `line` comes without its end.
boost::system::result<StatusLine, std::string_view> read_status_line(std::string_view line);

/// Returns the size of the head that `bytes` begin with, and 0 while its end has not come. `from`: where to look on, 0
/// at first.
std::size_t size_of_head(std::string_view bytes, std::size_t& from);

/// Reads a whole head. Returns what is wrong with it, empty if nothing is.
///
/// Lines that say nothing about where the body ends may be malformed: they are passed over, and the connection is not
/// used again. Lines that do must be written as RFC 9110 and 9112 have them, since another reader, a proxy perhaps,
/// may see another end in them.
std::string_view read_head(std::string_view head, Response& response, Framing& framing);

/// Takes a line from the front of `bytes`, which hold a line feed, and returns it without its end. Clears `is_proper`
/// unless that is CR LF.
std::string_view take_line(std::string_view& bytes, bool& is_proper);

} // namespace dialhook::net
