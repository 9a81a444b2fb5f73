#include "api/engine_http/request_reader.hpp"

#include "base/ascii.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/field.hpp>

#include <algorithm>
#include <utility>

namespace dialhook::engine_http {
namespace {

namespace http = boost::beast::http;

constexpr unsigned bad_syntax = 400;
constexpr unsigned body_too_large = 413;
constexpr unsigned head_too_large = 431;
constexpr unsigned http_1_1 = 11;

/// Bytes of empty lines that may stand around a request.
constexpr std::size_t max_line_ends = 16;

Request::Method method_of(http::verb verb)
{
    if (verb == http::verb::post)
        return Request::Method::post;
    return verb == http::verb::head ? Request::Method::head : Request::Method::other;
}

/// Returns whether a value of Accept names the type. Weights are not looked at: nobody names it who does not want it.
bool names_form(std::string_view accept)
{
    return ascii::lowered(accept).find("application/x-www-form-urlencoded") != std::string::npos;
}

} // namespace

RequestReader::RequestReader()
{
    parser_.header_limit(max_head);
    parser_.body_limit(max_body);
    parser_.eager(true);
}

RequestReader::State RequestReader::feed(std::string_view bytes)
{
    bytes = without_line_ends(bytes);
    while (state_ == State::more && !bytes.empty()) {
        has_begun_ = true;
        const std::string_view piece = bytes.substr(0, room());
        if (piece.empty()) {
            refuse(http::error::header_limit);
            break;
        }
        bytes.remove_prefix(parse(piece));
    }
    is_pipelined_ = is_pipelined_ || !without_line_ends(bytes).empty();
    return state_;
}

/// Returns `bytes` without the empty lines that many a client sends before or after a request (RFC 9112, 2.2).
std::string_view RequestReader::without_line_ends(std::string_view bytes)
{
    const bool in_a_request = state_ == State::more && has_begun_;
    while (!in_a_request && !bytes.empty() && (bytes.front() == '\r' || bytes.front() == '\n') &&
           line_ends_ < max_line_ends)
    {
        ++line_ends_;
        bytes.remove_prefix(1);
    }
    return bytes;
}

/// Returns how many further bytes the head may have; in the body, a line between its chunks, or what follows them.
std::size_t RequestReader::room() const
{
    return max_head - head_.size() - (parser_.is_header_done() ? 0 : head_parsed_);
}

/// Returns how many of `bytes` are taken: those behind the request are not.
std::size_t RequestReader::parse(std::string_view bytes)
{
    head_ += bytes;
    std::string_view left = head_;
    boost::beast::error_code error;
    for (std::size_t taken = 1; taken != 0 && !left.empty() && !error && may_end_in(left); left.remove_prefix(taken))
        taken = parser_.put(boost::asio::buffer(left), error);
    if (error && error != http::error::need_more) {
        refuse(error);
    } else if (parser_.is_done()) {
        state_ = State::whole;
        bytes.remove_suffix(left.size());
    } else {
        head_parsed_ += head_.size() - left.size();
        head_.erase(0, head_.size() - left.size());
        return bytes.size();
    }
    head_.clear();
    return bytes.size();
}

/// Returns whether the parser gets `bytes` already. A chunked body ends in five bytes at least, and Beast 1.81 asserts
/// that it has them after "0\r\n".
bool RequestReader::may_end_in(std::string_view bytes) const
{
    constexpr std::size_t least = std::string_view("0\r\n\r\n").size();
    return !parser_.is_done() && !(parser_.is_header_done() && parser_.chunked() && bytes.size() < least);
}

void RequestReader::refuse(const boost::beast::error_code& error)
{
    state_ = State::refused;
    if (error == http::error::body_limit)
        refusal_ = HttpRefusal{body_too_large, {RpcError::invalid_request, "a body holds at most 64 KiB"}};
    else if (error == http::error::header_limit)
        refusal_ = HttpRefusal{head_too_large,
                               {RpcError::invalid_request, parser_.is_header_done()
                                                               ? "a line between chunks, or what follows the last "
                                                                 "one, holds at most 8 KiB"
                                                               : "the head of a request holds at most 8 KiB"}};
    else
        refusal_ =
            HttpRefusal{bad_syntax, {RpcError::invalid_request, "not a request of HTTP/1.1: " + error.message()}};
}

bool RequestReader::must_say_continue()
{
    if (said_continue_ || state_ != State::more || !parser_.is_header_done())
        return false;
    said_continue_ = true;
    const auto expect = parser_.get()[http::field::expect];
    return ascii::lowered({expect.data(), expect.size()}) == "100-continue";
}

Request RequestReader::take()
{
    const bool keeps_alive = parser_.keep_alive();
    auto message = parser_.release();
    const auto value_of = [&message](http::field name) {
        const auto value = message[name];
        return std::string_view(value.data(), value.size());
    };
    Request request;
    request.method = method_of(message.method());
    request.target.assign(message.target().data(), message.target().size());
    request.authorization = value_of(http::field::authorization);
    request.is_from_browser = message.find(http::field::origin) != message.end();
    const auto [first, last] = message.equal_range(http::field::accept);
    request.wants_form = std::any_of(first, last, [](const auto& field) {
        return names_form({field.value().data(), field.value().size()});
    });
    request.stays = message.version() == http_1_1 && keeps_alive;
    request.body = std::move(message.body());
    return request;
}

} // namespace dialhook::engine_http
