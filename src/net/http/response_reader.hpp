#pragma once

#include "net/http/response.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace dialhook::net {

class ChunkedBody;
struct Framing;

/// Turns bytes of a connection into one `Response`, whatever their portions (RFC 9112). Interim responses (1xx) are
/// skipped. What is framed in two ways is refused.
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

    /// Does the same on a connection that carried a response before, whose last line ends may come first.
    void reset_for_the_next();

    /// Reads `bytes`. Once it is complete, they are what came after it, and may show that its length is wrong.
    State feed(std::string_view bytes);

    /// Takes that the peer closed its side. A body that the close delimits is complete then; else this is `more`, which
    /// now means that the response will never be whole.
    State feed_end();

    /// No more comes. Returns whether the head is there: then it is the response, without what came of its body.
    bool settle_for_the_head();

    const Response& response() const { return response_; }

    /// Returns whether the connection may carry another request: the response allows it and nothing came after it.
    bool leaves_connection_usable() const { return usable_; }

    /// Returns what was wrong, when `refused`.
    const std::string& fault() const { return fault_; }

private:
    enum class Part : unsigned char
    {
        nothing_yet,
        head,
        sized_body,
        chunks,
        body_to_the_end,
        over
    };

    State read(std::string_view bytes);
    State read_head(std::string_view& bytes);
    State begin_body(const Framing& framing);
    State read_sized_body(std::string_view& bytes);
    State read_chunks(std::string_view& bytes);
    State read_to_the_end(std::string_view& bytes);
    State note_rest(std::string_view bytes);
    State complete();
    State give_up_long_body();
    State refuse(std::string_view fault);

    Response response_;
    std::string pending_; ///< the start of a head; once the response is complete, the start of what came after it
    std::string fault_;
    std::unique_ptr<ChunkedBody> chunks_;
    std::size_t scanned_ = 0; ///< so far the end of a head was looked for in `pending_`
    std::uint64_t left_ = 0;  ///< of a body of a given length
    unsigned interim_responses_ = 0;
    unsigned late_line_ends_ = 0; ///< so many bytes of them are still passed over
    Part part_ = Part::nothing_yet;
    bool has_declared_end_ = false;
    bool is_proper_ = true; ///< no line was malformed
    bool usable_ = false;
};

} // namespace dialhook::net
