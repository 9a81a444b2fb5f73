#include "api/engine_http/request_reader.hpp"

#include "base/ascii.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/field.hpp>

#include <utility>

namespace dialhook::engine_http {
namespace {

namespace http = boost::beast::http;

constexpr unsigned bad_syntax = 400;
constexpr unsigned body_too_large = 413;
constexpr unsigned head_too_large = 431;
constexpr unsigned http_1_1 = 11;

Request::Method method_of(http::verb verb)
{
    if (verb == http::verb::post)
        return Request::Method::post;
    return verb == http::verb::head ? Request::Method::head : Request::Method::other;
}

/// Whether an Accept header names the type. Weights are not looked at: nobody names it who does not want it.
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
    if (bytes.empty())
        return state_;
    if (state_ != State::more) {
        is_pipelined_ = true;
        return state_;
    }
    has_begun_ = true;
    head_ += bytes;
    std::string_view left = head_;
    boost::beast::error_code error;
    for (std::size_t taken = 1; taken != 0 && !left.empty() && !error && may_end_in(left); left.remove_prefix(taken))
        taken = parser_.put(boost::asio::buffer(left), error);
    if (error && error != http::error::need_more) {
        refuse(error);
    } else if (parser_.is_done()) {
        state_ = State::whole;
        is_pipelined_ = !left.empty();
    } else {
        head_.erase(0, head_.size() - left.size());
        return state_;
    }
    head_.clear();
    return state_;
}

/// Whether the parser gets `bytes` already. A chunked body ends in five bytes at least, and Beast 1.81 asserts that it
/// has them after "0\r\n".
bool RequestReader::may_end_in(std::string_view bytes) const
{
    constexpr std::size_t least = std::string_view("0\r\n\r\n").size();
    return !parser_.is_done() && !(parser_.is_header_done() && parser_.chunked() && bytes.size() < least);
}

void RequestReader::refuse(const boost::beast::error_code& error)
{
    state_ = State::refused;
    if (error == http::error::body_limit)
        refusal_ = Refusal{body_too_large, {RpcError::invalid_request, "a body holds at most 64 KiB"}};
    else if (error == http::error::header_limit)
        refusal_ = Refusal{head_too_large, {RpcError::invalid_request, "the head of a request holds at most 8 KiB"}};
    else
        refusal_ = Refusal{bad_syntax, {RpcError::invalid_request, "not a request of HTTP/1.1: " + error.message()}};
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
    request.wants_form = names_form(value_of(http::field::accept));
    request.stays = message.version() == http_1_1 && message.keep_alive();
    request.body = std::move(message.body());
    return request;
}

} // namespace dialhook::engine_http
