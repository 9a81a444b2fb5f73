#pragma once

#include "api/engine_http/request.hpp"

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace dialhook::engine_http {

/// Reads one HTTP/1.1 request from the bytes of a connection, as they come. Pure.
class RequestReader
{
public:
    static constexpr std::size_t max_head = 8192;
    static constexpr std::size_t max_body = 64UL * 1024;

    enum class State : unsigned char
    {
        more,   ///< the request is not whole
        whole,  ///< `take` has it
        refused ///< `refusal` says why; where the next request begins is not known
    };

    RequestReader();

    /// Parses `bytes`. Once the request is whole or refused, further bytes are not parsed, and count as pipelined. A
    /// few empty lines before and after a request are skipped.
    State feed(std::string_view bytes);

    State state() const { return state_; }

    /// Returns how many bytes that came are kept and not understood yet; never more than `max_head`.
    std::size_t held() const { return head_.size(); }

    /// Returns whether a byte of the request has come.
    bool has_begun() const { return has_begun_; }

    /// Returns whether more came than the request.
    bool is_pipelined() const { return is_pipelined_; }

    /// Returns whether the client waits for a `100 Continue` before it sends the body. True once.
    bool must_say_continue();

    Request take();
    const HttpRefusal& refusal() const { return *refusal_; }

private:
    using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;

    std::string_view without_line_ends(std::string_view bytes);
    std::size_t room() const;
    std::size_t parse(std::string_view bytes);
    bool may_end_in(std::string_view bytes) const;
    void refuse(const boost::beast::error_code& error);

    Parser parser_;
    std::string head_; ///< what the parser has left of the bytes: a part of the head, or of a line between chunks
    std::size_t head_parsed_ = 0; ///< bytes of the head that it has taken
    std::size_t line_ends_ = 0;   ///< bytes of empty lines before and after the request
    std::optional<HttpRefusal> refusal_;
    State state_ = State::more;
    bool has_begun_ = false;
    bool is_pipelined_ = false;
    bool said_continue_ = false;
};

} // namespace dialhook::engine_http
