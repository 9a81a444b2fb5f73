#include "net/http/response_reader.hpp"

#include "net/http/chunked_body.hpp"
#include "net/http/ordinary_response.hpp"
#include "net/http/response_head.hpp"

#include <algorithm>
#include <utility>

namespace dialhook::net {
namespace {

constexpr unsigned max_interim_responses = 16;
constexpr std::string_view http = "HTTP/1.";

/// Returns whether `head` may begin a response. A server that speaks another protocol may never end what would be the
/// head.
bool may_be_http(std::string_view head)
{
    return head.substr(0, http.size()) == http.substr(0, head.size());
}

/// Servers write one or two line ends too many.
constexpr unsigned max_late_line_ends = 8;

bool is_interim(int status)
{
    return status < 200;
}

} // namespace

ResponseReader::ResponseReader() = default;
ResponseReader::~ResponseReader() = default;

void ResponseReader::reset()
{
    constexpr std::size_t kept_capacity = 4096;
    if (response_.body.capacity() > kept_capacity)
        response_ = Response();
    response_.status = 0;
    response_.body.clear();
    response_.location.clear();
    response_.retry_after.clear();
    response_.keep_alive.reset();
    response_.body_is_coded = response_.length_is_wrong = response_.body_is_cut = response_.body_too_long = false;
    pending_.clear();
    late_line_ends_ = 0;
    fault_.clear();
    chunks_.reset();
    scanned_ = 0;
    interim_responses_ = 0;
    part_ = Part::nothing_yet;
    has_declared_end_ = usable_ = false;
    is_proper_ = true;
}

void ResponseReader::reset_for_the_next()
{
    reset();
    late_line_ends_ = max_late_line_ends;
}

ResponseReader::State ResponseReader::feed(std::string_view bytes)
{
    if (part_ == Part::nothing_yet) {
        if (read_ordinary(bytes, response_)) {
            part_ = Part::over;
            has_declared_end_ = usable_ = true;
            return State::complete;
        }
        part_ = Part::head;
    }
    return read(bytes);
}

ResponseReader::State ResponseReader::read(std::string_view bytes)
{
    State state = State::more;
    while (state == State::more && !bytes.empty()) {
        switch (part_) {
        case Part::nothing_yet:
        case Part::head:
            state = read_head(bytes);
            break;
        case Part::sized_body:
            state = read_sized_body(bytes);
            break;
        case Part::chunks:
            state = read_chunks(bytes);
            break;
        case Part::body_to_the_end:
            state = read_to_the_end(bytes);
            break;
        case Part::over:
            return note_rest(bytes);
        }
    }
    return state == State::complete ? note_rest(bytes) : state;
}

ResponseReader::State ResponseReader::read_head(std::string_view& bytes)
{
    const std::size_t pending = pending_.size();
    if (pending != 0)
        pending_ += bytes;
    // Line ends after the reply before, which came late.
    for (; pending == 0 && late_line_ends_ > 0 && (bytes.starts_with('\r') || bytes.starts_with('\n'));
         --late_line_ends_)
        bytes.remove_prefix(1);
    if (bytes.empty())
        return State::more;
    const std::string_view text = pending != 0 ? std::string_view(pending_) : bytes;
    if (!may_be_http(text))
        return refuse("the response is not HTTP/1");
    const std::size_t size = size_of_head(text, scanned_);
    if ((size == 0 ? text.size() : size) > Response::max_head)
        return refuse("the head is longer than 16 KiB");
    if (size == 0) {
        if (pending == 0)
            pending_ = bytes;
        bytes = {};
        return State::more;
    }

    Framing framing;
    const std::string_view fault = net::read_head(text.substr(0, size), response_, framing);
    bytes.remove_prefix(size - pending);
    pending_.clear();
    scanned_ = 0;
    if (!fault.empty())
        return refuse("the response is not valid HTTP (" + std::string(fault) + ")");
    is_proper_ = is_proper_ && framing.is_proper;
    if (!is_interim(response_.status))
        return begin_body(framing);
    if (response_.status == 101 || ++interim_responses_ > max_interim_responses)
        return refuse("the web server switches protocols, or sends interim responses without end");
    response_ = Response();
    return State::more;
}

ResponseReader::State ResponseReader::begin_body(const Framing& framing)
{
    const bool is_told = framing.content_length || framing.is_chunked || framing.has_no_body;
    usable_ = framing.keeps_connection && is_proper_ && is_told && !framing.is_untold;
    if (framing.has_no_body || framing.is_untold)
        return complete();
    if (framing.is_chunked) {
        part_ = Part::chunks;
        has_declared_end_ = true;
        chunks_ = std::make_unique<ChunkedBody>();
        return State::more;
    }
    if (!framing.content_length) {
        part_ = Part::body_to_the_end;
        return State::more;
    }
    if (*framing.content_length > Response::max_body)
        return give_up_long_body();
    part_ = Part::sized_body;
    has_declared_end_ = true;
    left_ = *framing.content_length;
    return left_ == 0 ? complete() : State::more;
}

ResponseReader::State ResponseReader::read_sized_body(std::string_view& bytes)
{
    const std::size_t size = std::min<std::uint64_t>(left_, bytes.size());
    response_.body.append(bytes.substr(0, size));
    bytes.remove_prefix(size);
    left_ -= size;
    return left_ == 0 ? complete() : State::more;
}

ResponseReader::State ResponseReader::read_chunks(std::string_view& bytes)
{
    switch (chunks_->take(bytes, response_.body)) {
    case ChunkedBody::State::more:
        return State::more;
    case ChunkedBody::State::complete:
        usable_ = usable_ && chunks_->is_proper();
        return complete();
    case ChunkedBody::State::too_long:
        return give_up_long_body();
    case ChunkedBody::State::refused:
        break;
    }
    return refuse("the response is not valid HTTP (" + std::string(chunks_->fault()) + ")");
}

ResponseReader::State ResponseReader::read_to_the_end(std::string_view& bytes)
{
    if (response_.body.size() + bytes.size() > Response::max_body)
        return give_up_long_body();
    response_.body.append(bytes);
    bytes = {};
    return State::more;
}

/// Judges what came after the response. Line ends are no fault, and neither is another response: it spoils the
/// connection alone.
ResponseReader::State ResponseReader::note_rest(std::string_view bytes)
{
    if (bytes.empty())
        return State::complete;
    usable_ = false;
    if (pending_.empty())
        bytes.remove_prefix(std::min(bytes.find_first_not_of("\r\n"), bytes.size()));
    pending_.append(bytes.substr(0, http.size() - pending_.size()));
    response_.length_is_wrong = has_declared_end_ && !pending_.empty() && pending_ != http;
    return State::complete;
}

ResponseReader::State ResponseReader::feed_end()
{
    return part_ == Part::body_to_the_end ? complete() : State::more;
}

bool ResponseReader::settle_for_the_head()
{
    if (part_ != Part::sized_body && part_ != Part::chunks && part_ != Part::body_to_the_end)
        return false;
    part_ = Part::over;
    has_declared_end_ = usable_ = false;
    response_.body.clear();
    response_.body_is_cut = true;
    return true;
}

ResponseReader::State ResponseReader::complete()
{
    part_ = Part::over;
    return State::complete;
}

ResponseReader::State ResponseReader::give_up_long_body()
{
    part_ = Part::over;
    has_declared_end_ = usable_ = false;
    response_.body.clear();
    response_.body_too_long = true;
    return State::complete;
}

ResponseReader::State ResponseReader::refuse(std::string_view fault)
{
    fault_ = fault;
    usable_ = false;
    return State::refused;
}

} // namespace dialhook::net
