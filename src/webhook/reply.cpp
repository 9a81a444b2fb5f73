#include "webhook/form_reply.hpp"
#include "webhook/json_reply.hpp"

#include <dialhook/call/json_reader.hpp>
#include <dialhook/call/text.hpp>
#include <dialhook/webhook/reply.hpp>

#include <algorithm>
#include <utility>

namespace dialhook {
namespace {

using boost::system::result;

std::string line_and_column(const BadReply& fault)
{
    return "line " + std::to_string(fault.line) + ", column " + std::to_string(fault.column);
}

std::string in_brackets(const std::string& place)
{
    return place.empty() ? std::string() : " (at " + place + ")";
}

/// Counts what stood before the text that was read into the place of its fault.
void move_by(std::string_view before, BadReply& fault)
{
    if (fault.line == 0)
        return;
    std::size_t columns = 0;
    for (const char byte : before.substr(before.rfind('\n') + 1)) // npos + 1 is the start
        columns += text::byte_order_mark.find(byte) == std::string_view::npos ? 1U : 0U;
    if (fault.line == 1)
        fault.column += columns;
    fault.line += static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
}

bool has_quotes(std::string_view content)
{
    const char front = content.front();
    return (front == '"' || front == '\'') && (content.ends_with(front) || content.find("status") == 1);
}

/// Returns the text that `content` holds, if it is a JSON text in quotes and nothing else.
std::optional<std::string> unwrapped(std::string_view content)
{
    JsonReader json(content);
    JsonString string;
    if (json.next() != JsonReader::Kind::string || !json.read_string(string) || !json.at_end())
        return std::nullopt;
    return std::string(string.text);
}

result<Reply, BadReply> judged_form(std::string_view content, std::string_view international_prefix,
                                    const ReplyOptions& options, ReplyReading* reading)
{
    if (has_quotes(content))
        return BadReply{BadReply::Kind::quoted};
    auto reply = read_form(content, options, reading).judged(international_prefix, options);
    if (!reply && reply.error().kind == BadReply::Kind::no_status &&
        (content.starts_with('{') || content.starts_with('[')))
        return BadReply{BadReply::Kind::unexpected_json};
    return reply;
}

result<Reply, BadReply> judged_json(std::string_view body, std::string_view content,
                                    std::string_view international_prefix, const ReplyOptions& options,
                                    ReplyReading* reading)
{
    if (reading != nullptr)
        reading->format = ReplyFormat::json;
    auto parts = read_json(content, options, reading);
    if (parts)
        return parts->judged(international_prefix, options);
    BadReply fault = parts.error();
    move_by(body.substr(0, static_cast<std::size_t>(content.data() - body.data())), fault);
    return fault;
}

/// The first line that is not empty is the name; without one, nobody is known.
Reply read_text(std::string_view body, ReplyReading* reading)
{
    if (reading != nullptr)
        reading->format = ReplyFormat::text;
    while (!body.empty()) {
        const std::string_view line = body.substr(0, body.find_first_of("\r\n"));
        body.remove_prefix(std::min(line.size() + 1, body.size()));
        std::string name =
            cleaned_text(std::string(text::trimmed_of_marks(line)), References::are_undone, Reply::max_callername);
        if (!name.empty())
            return {Status::ack, {}, std::move(name), {}};
    }
    return {Status::nak, {}, {}, {}};
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
    case BadReply::Kind::broken_json:
        return fault.character ? "the body is broken JSON at " + line_and_column(fault) + ": there stands " +
                                     text::code_point_name(*fault.character)
                               : "the body is broken JSON: it ends at " + line_and_column(fault);
    case BadReply::Kind::deep_json:
        return "the body is JSON deeper than " + std::to_string(ReplyOptions::max_depth) + " levels at " +
               line_and_column(fault);
    case BadReply::Kind::no_object:
        return "the body is JSON, but no object";
    case BadReply::Kind::unexpected_json:
        return "the body has no status=; it begins as JSON does, which `reply` of this webhook does not read";
    case BadReply::Kind::no_status:
        return fault.place.empty() ? "the body has no status=" : "the body has no status at " + fault.place;
    case BadReply::Kind::unknown_status:
        return "the status is not ACK, NAK or ERR" + in_brackets(fault.place);
    case BadReply::Kind::destination:
        return to_string(fault.destination) + in_brackets(fault.place);
    case BadReply::Kind::no_text:
        return "the destination is neither text nor a number" + in_brackets(fault.place);
    }
    return {};
}

result<Reply, BadReply> Reply::read(std::string_view body, std::string_view international_prefix,
                                    const ReplyOptions& options, ReplyReading* reading)
{
    if (body.size() > max_body)
        return BadReply{BadReply::Kind::too_long};
    const std::string_view content = text::trimmed_of_marks(body);
    if (content.starts_with('<'))
        return BadReply{BadReply::Kind::html};
    if (options.format == ReplyFormat::text)
        return read_text(content, reading);
    if (content.empty())
        return BadReply{BadReply::Kind::empty};

    const bool is_automatic = options.format == ReplyFormat::automatic;
    if (options.format == ReplyFormat::json || (is_automatic && content.starts_with('{')))
        return judged_json(body, content, international_prefix, options, reading);
    if (is_automatic && content.starts_with('"'))
        if (const auto text = unwrapped(content)) {
            if (reading != nullptr)
                reading->was_in_quotes = true;
            const std::string_view inner = text::trimmed_of_marks(*text);
            if (inner.empty())
                return BadReply{BadReply::Kind::empty};
            if (inner.starts_with('<'))
                return BadReply{BadReply::Kind::html};
            return judged_form(inner, international_prefix, options, reading);
        }
    return judged_form(content, international_prefix, options, reading);
}

} // namespace dialhook
