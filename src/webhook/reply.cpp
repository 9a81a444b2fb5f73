#include <dialhook/call/text.hpp>
#include <dialhook/webhook/percent.hpp>
#include <dialhook/webhook/reply.hpp>

#include <algorithm>

namespace dialhook {
namespace {

using boost::system::result;

std::string_view without_byte_order_mark(std::string_view body)
{
    constexpr std::string_view mark = "\xEF\xBB\xBF";
    return body.starts_with(mark) ? body.substr(mark.size()) : body;
}

/// Text for a display or a variable: decoded, always UTF-8, free of control characters, cut.
std::string cleaned(std::string_view raw, std::size_t max_code_points)
{
    std::string value = percent::decoded(raw, percent::Plus::is_space);
    if (!text::is_utf8(value))
        value = text::utf8_or_latin1(std::move(value));
    if (text::has_controls(value))
        value = text::without_controls(std::move(value));
    if (text::trimmed(value).empty())
        return {};
    if (value.size() > max_code_points)
        value.resize(text::first_code_points(value, max_code_points).size());
    return value;
}

bool is_variable_name(std::string_view name)
{
    return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-';
    });
}

std::optional<Status> status_of(std::string_view text)
{
    if (text::equals_ignoring_case(text, "ACK"))
        return Status::ack;
    if (text::equals_ignoring_case(text, "NAK"))
        return Status::nak;
    if (text::equals_ignoring_case(text, "ERR"))
        return Status::err;
    return std::nullopt;
}

bool is_sip(std::string_view destination)
{
    return text::equals_ignoring_case(destination.substr(0, 3), "sip");
}

/// The destination's text, decoded: a raw `+` is a plus at the start and in a SIP URI, and else the space that form
/// encoding makes of it.
std::string decoded_destination(std::string_view raw)
{
    std::string_view value = text::trimmed(raw);
    if (value.find('+') == std::string_view::npos) {
        std::string text = percent::decoded(value, percent::Plus::stays);
        return is_sip(text) ? std::string(text::trimmed(text)) : text;
    }
    if (value.starts_with('s') || value.starts_with('S') || value.starts_with('%')) {
        const std::string as_text = percent::decoded(value, percent::Plus::stays);
        if (is_sip(as_text))
            return std::string(text::trimmed(as_text));
    }

    const bool leads_with_plus = value.starts_with('+');
    if (leads_with_plus)
        value.remove_prefix(1);
    std::string number = percent::decoded(value, percent::Plus::is_space);
    if (leads_with_plus)
        number.insert(0, 1, '+');
    return number;
}

/// Collects what the pieces of a body say, the first value that is not empty of each key.
class ReplyReader
{
public:
    void read(std::string_view body);
    result<Reply, BadReply> finish();

private:
    void begin_pair(std::string_view key, std::string_view value);
    void end_pair();
    void add_variable();

    /// The pair that is being read; a raw `&` in a value makes it continue in the next piece.
    std::string_view key_;
    std::string_view value_;
    std::string joined_; ///< what `value_` shows when it continued

    std::string status_;
    std::string destination_;
    std::string callername_;
    Variables variables_;
};

void ReplyReader::read(std::string_view body)
{
    while (!body.empty()) {
        const std::size_t end = std::min(body.find('&'), body.size());
        std::string_view piece = body.substr(0, end);
        body.remove_prefix(std::min(end + 1, body.size()));

        if (piece.starts_with("amp;")) // the & was written as an HTML entity
            piece.remove_prefix(4);
        const std::size_t equals = piece.find('=');
        if (equals != std::string_view::npos) {
            end_pair();
            begin_pair(text::trimmed(piece.substr(0, equals)), piece.substr(equals + 1));
        } else if (!piece.empty() && !key_.empty() && !text::equals_ignoring_case(key_, "status")) {
            joined_ = std::string(value_).append(1, '&').append(piece);
            value_ = joined_;
        }
    }
    end_pair();
}

void ReplyReader::begin_pair(std::string_view key, std::string_view value)
{
    key_ = key;
    value_ = value;
}

void ReplyReader::end_pair()
{
    if (text::equals_ignoring_case(key_, "status")) {
        if (status_.empty())
            status_ = text::trimmed(percent::decoded(value_, percent::Plus::stays));
    } else if (text::equals_ignoring_case(key_, "destination")) {
        if (destination_.empty())
            destination_ = decoded_destination(value_);
    } else if (text::equals_ignoring_case(key_, "callername")) {
        if (callername_.empty())
            callername_ = cleaned(value_, Reply::max_callername);
    } else if (is_variable_name(key_)) {
        add_variable();
    }
    key_ = {};
}

void ReplyReader::add_variable()
{
    const bool is_known =
        std::any_of(variables_.begin(), variables_.end(), [&](const auto& variable) { return variable.first == key_; });
    if (is_known || variables_.size() == Reply::max_variables)
        return;
    std::string value = cleaned(value_, Reply::max_variable_value);
    if (!value.empty())
        variables_.emplace_back(key_, std::move(value));
}

result<Reply, BadReply> ReplyReader::finish()
{
    if (status_.empty())
        return BadReply::no_status;
    const auto status = status_of(status_);
    if (!status)
        return BadReply::unknown_status;

    std::optional<Destination> destination;
    const bool has_destination = destination_.find_first_not_of(' ') != std::string::npos;
    if (status == Status::ack && has_destination) {
        destination = Destination::from(destination_);
        if (!destination)
            return BadReply::destination;
    }
    return Reply{.status = *status,
                 .destination = std::move(destination),
                 .callername = std::move(callername_),
                 .variables = std::move(variables_)};
}

} // namespace

std::string_view to_string(BadReply fault)
{
    switch (fault) {
    case BadReply::empty:
        return "the body is empty";
    case BadReply::too_long:
        return "the body is longer than 64 KiB";
    case BadReply::html:
        return "the body is an HTML page";
    case BadReply::no_status:
        return "the body has no status=";
    case BadReply::unknown_status:
        return "the status is not ACK, NAK or ERR";
    case BadReply::destination:
        return "the destination is neither a number nor a plain SIP URI";
    }
    return {};
}

result<Reply, BadReply> Reply::read(std::string_view body)
{
    if (body.size() > max_body)
        return BadReply::too_long;
    const std::string_view content = text::trimmed(without_byte_order_mark(text::trimmed(body)));
    if (content.empty())
        return BadReply::empty;
    if (content.starts_with('<'))
        return BadReply::html;

    ReplyReader reader;
    reader.read(content);
    return reader.finish();
}

} // namespace dialhook
