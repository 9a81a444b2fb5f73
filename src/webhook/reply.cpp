#include <dialhook/call/character_references.hpp>
#include <dialhook/call/text.hpp>
#include <dialhook/webhook/percent.hpp>
#include <dialhook/webhook/reply.hpp>

#include <algorithm>
#include <utility>

namespace dialhook {
namespace {

using boost::system::result;

std::string in_utf8(std::string text)
{
    if (!text::is_utf8(text))
        text = text::utf8_or_windows_1252(std::move(text));
    return text;
}

enum class References : unsigned char
{
    stay,
    are_undone
};

/// Text for a display or a variable: decoded, always UTF-8, free of control characters, cut.
std::string cleaned(std::string_view raw, References references, std::size_t max_code_points)
{
    // A raw space shows that the text was not form-encoded, so its plus signs are not either.
    const bool has_raw_space = raw.find('+') != std::string_view::npos && text::trimmed(raw).find(' ') != raw.npos;
    std::string value = in_utf8(percent::decoded(raw, has_raw_space ? percent::Plus::stays : percent::Plus::is_space));
    if (references == References::are_undone && value.find('&') != std::string::npos)
        value = character_references::undone(value);
    if (text::has_controls(value))
        value = text::without_controls(std::move(value));
    if (value.size() > max_code_points)
        value.resize(text::first_code_points(value, max_code_points).size());
    const std::string_view content = text::trimmed_of_marks(value);
    if (content.empty())
        return {};
    if (value.starts_with(text::byte_order_mark) || value.ends_with(text::byte_order_mark))
        value = std::string(content);
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

/// Decodes a number. A raw `+` before its first digit is a plus, unless an encoded one follows, and all other ones are
/// the spaces that form encoding makes of them.
std::string decoded_number(std::string_view raw)
{
    std::string number;
    std::size_t raw_plus = std::string::npos; // where a raw + was taken for a plus
    bool is_begun = false;
    while (!raw.empty()) {
        const std::size_t size = percent::is_escape(raw, 0) ? 3 : 1;
        std::string byte = percent::decoded(raw.substr(0, size), percent::Plus::stays);
        const bool is_raw_plus = size == 1 && byte == "+";
        if (is_raw_plus && (is_begun || raw_plus != std::string::npos))
            byte = " ";
        else if (is_raw_plus)
            raw_plus = number.size();
        else if (byte == "+" && !is_begun && raw_plus != std::string::npos)
            number[raw_plus] = ' ';
        is_begun = is_begun || byte.find_first_of("0123456789*#") == 0;
        number += byte;
        raw.remove_prefix(size);
    }
    return number;
}

/// Decodes a destination: in a SIP URI a raw `+` is a plus wherever it stands.
std::string decoded_destination(std::string_view raw)
{
    const std::string_view value = text::trimmed_of_marks(raw);
    std::string text = in_utf8(percent::decoded(value, percent::Plus::stays));
    if (const std::string_view uri = without_blank_ends(text); is_sip(uri))
        return std::string(uri);
    const bool is_plain = value.find('+', 1) == std::string_view::npos && !value.starts_with('+');
    return is_plain ? text : in_utf8(decoded_number(value));
}

/// Collects what the pieces of a body say, the first value that is not empty of each key.
class ReplyReader
{
public:
    void read(std::string_view body);
    result<Reply, BadReply> finish(std::string_view international_prefix);

private:
    void begin_pair(std::string_view key, std::string_view value);
    void go_on(std::string_view piece);
    void end_pair();
    void add_variable();

    /// The pair that is being read; a raw `&` in a value makes it continue in the next piece.
    std::string_view key_;
    std::string_view value_;
    std::string joined_; ///< what `value_` shows when it continued
    bool is_joined_ = false;

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

        const std::string_view written = piece;
        piece.remove_prefix(character_references::rest_of_ampersand(piece));
        const bool may_continue = !key_.empty() && !text::equals_ignoring_case(key_, "status");
        const bool is_reference = written.size() == piece.size() && character_references::continues_reference(piece);
        const std::size_t equals = piece.find('=');
        if (equals != std::string_view::npos && !(may_continue && is_reference)) {
            end_pair();
            begin_pair(text::trimmed_of_marks(piece.substr(0, equals)), piece.substr(equals + 1));
        } else if (may_continue) {
            // In a name, references are undone at its end, and only once.
            const std::string_view more = text::equals_ignoring_case(key_, "callername") ? written : piece;
            if (!more.empty())
                go_on(more);
        }
    }
    end_pair();
}

void ReplyReader::begin_pair(std::string_view key, std::string_view value)
{
    key_ = key;
    value_ = value;
    is_joined_ = false;
}

void ReplyReader::go_on(std::string_view piece)
{
    if (!std::exchange(is_joined_, true))
        joined_ = value_;
    joined_.append(1, '&').append(piece);
    value_ = joined_;
}

void ReplyReader::end_pair()
{
    if (text::equals_ignoring_case(key_, "status")) {
        if (status_.empty())
            status_ = text::trimmed_of_marks(percent::decoded(value_, percent::Plus::stays));
    } else if (text::equals_ignoring_case(key_, "destination")) {
        if (is_blank_number(destination_))
            destination_ = decoded_destination(value_);
    } else if (text::equals_ignoring_case(key_, "callername")) {
        if (callername_.empty())
            callername_ = cleaned(value_, References::are_undone, Reply::max_callername);
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
    std::string value = cleaned(value_, References::stay, Reply::max_variable_value);
    if (!value.empty())
        variables_.emplace_back(key_, std::move(value));
}

result<Reply, BadReply> ReplyReader::finish(std::string_view international_prefix)
{
    if (status_.empty())
        return BadReply{BadReply::Kind::no_status};
    const auto status = status_of(status_);
    if (!status)
        return BadReply{BadReply::Kind::unknown_status};

    std::optional<Destination> destination;
    if (status == Status::ack && !is_blank_number(destination_)) {
        auto judged = Destination::from(destination_, international_prefix);
        if (!judged)
            return BadReply{BadReply::Kind::destination, judged.error()};
        destination = *std::move(judged);
    }
    return Reply{.status = *status,
                 .destination = std::move(destination),
                 .callername = std::move(callername_),
                 .variables = std::move(variables_)};
}

} // namespace

std::string to_string(const BadReply& fault)
{
    switch (fault.kind) {
    case BadReply::Kind::empty:
        return "the body is empty";
    case BadReply::Kind::too_long:
        return "the body is longer than 64 KiB";
    case BadReply::Kind::html:
        return "the body is an HTML page";
    case BadReply::Kind::quoted:
        return "the body is in quotes; send its text without them";
    case BadReply::Kind::no_status:
        return "the body has no status=";
    case BadReply::Kind::unknown_status:
        return "the status is not ACK, NAK or ERR";
    case BadReply::Kind::destination:
        return to_string(fault.destination);
    }
    return {};
}

result<Reply, BadReply> Reply::read(std::string_view body, std::string_view international_prefix)
{
    if (body.size() > max_body)
        return BadReply{BadReply::Kind::too_long};
    const std::string_view content = text::trimmed_of_marks(body);
    if (content.empty())
        return BadReply{BadReply::Kind::empty};
    if (content.starts_with('<'))
        return BadReply{BadReply::Kind::html};

    const char front = content.front();
    if ((front == '"' || front == '\'') && (content.ends_with(front) || content.find("status") == 1))
        return BadReply{BadReply::Kind::quoted};

    ReplyReader reader;
    reader.read(content);
    return reader.finish(international_prefix);
}

} // namespace dialhook
