// Beast 1.81 asserts that the end of a chunked body comes with five bytes at least; a web server may send them one by
// one. The code behind the assertion copes.
#define BOOST_DISABLE_ASSERTS

#include "net/keep_alive.hpp"
#include "net/ordinary_response.hpp"

#include <dialhook/net/response_reader.hpp>

#include <boost/beast/core/string.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include <cstdint>
#include <limits>
#include <memory>
#include <utility>

namespace dialhook::net {
namespace {

namespace http = boost::beast::http;
using boost::system::error_code;

constexpr unsigned max_interim_responses = 16;

/// `HTTP/1.1 200` has so many bytes.
constexpr std::size_t status_line_size = 12;

bool is_interim(int status)
{
    return status >= 100 && status < 200;
}

/// Beast judges a head in portions only when it is whole, which a server that speaks another protocol never makes it.
bool may_be_http(std::string_view head)
{
    constexpr std::string_view start = "HTTP/1.";
    return head.substr(0, start.size()) == start.substr(0, head.size());
}

/// A space is due behind the status, also where no reason phrase follows; web servers that send none forget it.
bool lacks_space_behind_status(std::string_view head)
{
    return head.size() > status_line_size && head[status_line_size] == '\r';
}

} // namespace

/// Beast's parser with its events written straight into a `Response`: no field becomes an object.
class ResponseReader::Parser final : http::basic_parser<false>
{
public:
    explicit Parser(Response& response)
        : response_(response)
    {
        // The limits are ours: Beast's one of the head depends on the portions, and its chunk lines have none.
        header_limit(std::numeric_limits<std::uint32_t>::max());
        body_limit(boost::none);
        eager(false); // so that `put` stops where the head ends
    }

    using basic_parser::got_some;
    using basic_parser::is_done;
    using basic_parser::is_header_done;
    using basic_parser::keep_alive;

    std::size_t put(std::string_view bytes, error_code& error)
    {
        return basic_parser::put(boost::asio::const_buffer(bytes.data(), bytes.size()), error);
    }

    void put_eof(error_code& error) { basic_parser::put_eof(error); }

    /// Whether somebody else may see the end of this response elsewhere (RFC 9112, 6.1).
    bool end_is_doubtful() const { return end_is_doubtful_; }

private:
    using View = boost::beast::string_view;

    void on_request_impl(http::verb, View, View, int, error_code&) override {}

    void on_response_impl(int code, View, int version, error_code& error) override
    {
        if (code < 100) // three digits, but none that RFC 9110 knows, and no `state` could carry it
            error = http::error::bad_status;
        response_.status = code;
        is_http_1_0_ = version < 11;
    }

    void on_field_impl(http::field name, View, View value, error_code&) override
    {
        if (is_header_done())
            return; // trailers
        if (name == http::field::location) {
            response_.location.assign(value.data(), value.size());
        } else if (name == http::field::keep_alive) {
            response_.keep_alive = keep_alive_timeout({value.data(), value.size()});
        } else if (name == http::field::content_encoding) {
            response_.body_is_coded |= !value.empty() && !boost::beast::iequals(value, "identity");
        } else if (name == http::field::transfer_encoding) {
            const bool is_coded = !boost::beast::iequals(value, "chunked");
            response_.body_is_coded |= is_coded;
            end_is_doubtful_ |= is_coded || is_http_1_0_;
        }
    }

    void on_header_impl(error_code& error) override
    {
        const auto length = content_length(); // of what the body would be, in a status that has none
        if (!is_done() && length && *length > Response::max_body)
            refuse_long_body(error);
    }

    void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}

    std::size_t on_body_impl(View body, error_code& error) override
    {
        if (response_.body.size() + body.size() > Response::max_body) {
            refuse_long_body(error);
            return 0;
        }
        response_.body.append(body.data(), body.size());
        return body.size();
    }

    void on_chunk_header_impl(std::uint64_t, View, error_code&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, View body, error_code& error) override
    {
        return on_body_impl(body, error);
    }
    void on_finish_impl(error_code&) override {}

    void refuse_long_body(error_code& error)
    {
        response_.body_too_long = true;
        error = http::error::body_limit;
    }

    Response& response_;
    bool is_http_1_0_ = false;
    bool end_is_doubtful_ = false;
};

ResponseReader::ResponseReader()
    : parser_(std::make_unique<Parser>(response_))
{
}

ResponseReader::~ResponseReader() = default;

void ResponseReader::reset()
{
    constexpr std::size_t kept_capacity = 4096;
    if (response_.body.capacity() > kept_capacity)
        response_ = Response();
    response_.status = 0;
    response_.body.clear();
    response_.location.clear();
    response_.keep_alive.reset();
    response_.body_is_coded = response_.body_too_long = false;
    pending_.clear();
    fault_.clear();
    interim_responses_ = 0;
    usable_ = false;
    if (std::exchange(parser_is_used_, false))
        restart_parser();
}

/// In place: a connection carries thousands of responses, and its parser need not be allocated for each.
void ResponseReader::restart_parser()
{
    head_size_ = 0;
    std::destroy_at(parser_.get());
    std::construct_at(parser_.get(), response_);
}

ResponseReader::State ResponseReader::feed(std::string_view bytes)
{
    if (!parser_is_used_ && read_ordinary(bytes, response_)) {
        usable_ = true;
        return State::complete;
    }
    parser_is_used_ = true;
    if (pending_.empty())
        return parse(bytes);
    std::string joined = std::move(pending_);
    pending_.clear();
    joined += bytes;
    return parse(joined);
}

ResponseReader::State ResponseReader::parse(std::string_view bytes)
{
    while (true) {
        error_code error;
        const bool is_in_head = !parser_->is_header_done();
        if (is_in_head && head_size_ == 0 && !may_be_http(bytes))
            return refuse("what came is not HTTP/1");
        const std::size_t used = parser_->put(bytes, error);
        if (error == http::error::bad_status && lacks_space_behind_status(bytes)) {
            restart_parser();
            return parse(std::string(bytes).insert(status_line_size, " "));
        }
        bytes.remove_prefix(used);
        if (response_.body_too_long) {
            response_.body.clear();
            return State::complete;
        }
        if (is_in_head) {
            head_size_ += used;
            if (head_size_ + (parser_->is_header_done() ? 0 : bytes.size()) > Response::max_head)
                return refuse("the head is longer than 16 KiB");
        }
        if (error == http::error::need_more) {
            if (bytes.size() > Response::max_head)
                return refuse("a line between the chunks of the body is longer than 16 KiB");
            pending_ = bytes;
            return State::more;
        }
        if (error)
            return refuse("what came is not valid HTTP (" + error.message() + ")");
        if (!parser_->is_done()) {
            if (!bytes.empty())
                continue;
            return State::more;
        }
        if (!is_interim(response_.status)) {
            usable_ = parser_->keep_alive() && !parser_->end_is_doubtful() && bytes.empty();
            return State::complete;
        }
        if (response_.status == 101 || ++interim_responses_ > max_interim_responses)
            return refuse("the web server wants to change the protocol, or sends interim responses without end");
        response_ = Response();
        restart_parser();
        if (bytes.empty())
            return State::more;
    }
}

ResponseReader::State ResponseReader::feed_end()
{
    if (!parser_->got_some())
        return State::more; // nothing has come since the last interim response
    error_code error;
    parser_->put_eof(error);
    return !error && parser_->is_done() ? State::complete : State::more;
}

ResponseReader::State ResponseReader::refuse(std::string fault)
{
    fault_ = std::move(fault);
    return State::refused;
}

bool ResponseReader::leaves_connection_usable() const
{
    return usable_;
}

} // namespace dialhook::net
