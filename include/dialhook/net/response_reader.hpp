#pragma once

#include <dialhook/net/response.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace dialhook::net {

/// Turns bytes of a connection into one `Response`, whatever their portions (RFC 9112). Interim responses (1xx) are
/// skipped. The work is Beast's parser, which refuses what is framed in two ways.
class ResponseReader
{
public:
    enum class State : unsigned char
    {
        more,     ///< the response is not whole yet
        complete, ///< it is whole
        refused   ///< what came is not HTTP; `fault` says why
    };

    ResponseReader();
    ~ResponseReader();
    ResponseReader(const ResponseReader&) = delete;
    ResponseReader& operator=(const ResponseReader&) = delete;

    /// Forgets everything: the next bytes start a response.
    void reset();

    State feed(std::string_view bytes);

    /// The peer closed its side. A body that is delimited by the close is complete then; else this is `more`, which now
    /// means that the response will never be whole.
    State feed_end();

    const Response& response() const { return response_; }

    /// Whether the connection may carry another request: the response allows it and nothing came after it.
    bool leaves_connection_usable() const;

    /// What was wrong, when `refused`.
    const std::string& fault() const { return fault_; }

private:
    class Parser;

    void restart_parser();
    State parse(std::string_view bytes);
    State refuse(std::string fault);

    std::unique_ptr<Parser> parser_;
    Response response_;
    std::string pending_; ///< bytes that the parser could not use yet: the start of a head or of a chunk's size
    std::string fault_;
    std::size_t head_size_ = 0; ///< what the parser has used of the head
    unsigned interim_responses_ = 0;
    bool parser_is_used_ = false;
    bool usable_ = false;
};

} // namespace dialhook::net
