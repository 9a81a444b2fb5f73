#include "webhook/reply.hpp"

#include "base/json_reader.hpp"
#include "base/text.hpp"
#include "webhook/form_reply.hpp"
#include "webhook/json_reply.hpp"

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

/// Reads a JSON text in quotes, if `json` holds that and nothing else.
bool unwrap(JsonReader& json, JsonString& string)
{
    return json.next() == JsonReader::Kind::string && json.read_string(string) && json.at_end();
}

/// How a body is to be read.
struct Task
{
    std::string_view international_prefix;
    const ReplyOptions& options;
    ReplyReading* reading;
};

/// `form` may have been a JSON string.
void read_as_form(const JsonString& form, const Task& task, ReplyResult& result)
{
    if (has_quotes(form.text)) {
        result = BadReply{BadReply::Kind::quoted};
        return;
    }
    ReplyParts parts(*result);
    parts.begins_as_json = form.text.starts_with('{') || form.text.starts_with('[');
    parts.has_lone_surrogate = form.has_lone_surrogate;
    read_form(form.text, task.options, task.reading, parts);
    parts.judge(task.international_prefix, task.options, result);
}

void read_as_json(std::string_view body, std::string_view content, const Task& task, ReplyResult& result)
{
    if (task.reading != nullptr)
        task.reading->format = ReplyFormat::json;
    ReplyParts parts(*result);
    auto fault = read_json(content, task.options, task.reading, parts);
    if (!fault)
        return parts.judge(task.international_prefix, task.options, result);
    move_by(body.substr(0, static_cast<std::size_t>(content.data() - body.data())), *fault);
    result = *std::move(fault);
}

/// Reads a form, or one that a framework put into quotes.
void read_as_form_or_quoted(std::string_view content, const Task& task, ReplyResult& result)
{
    if (!content.starts_with('"'))
        return read_as_form({content}, task, result);
    JsonReader json(content);
    JsonString inner;
    if (!unwrap(json, inner))
        return read_as_form({content}, task, result);
    if (task.reading != nullptr)
        task.reading->was_in_quotes = true;
    inner.text = text::trimmed_of_marks(inner.text);
    if (inner.text.empty())
        result = BadReply{BadReply::Kind::empty};
    else if (inner.text.starts_with('<'))
        result = BadReply{BadReply::Kind::html};
    else
        read_as_form(inner, task, result);
}

/// Takes the first line that is not empty as the name; without one, the caller is unknown.
void read_as_text(std::string_view body, const Task& task, Reply& reply)
{
    if (task.reading != nullptr)
        task.reading->format = ReplyFormat::text;
    reply.status = Status::nak;
    while (!body.empty()) {
        const std::string_view line = body.substr(0, body.find_first_of("\r\n"));
        body.remove_prefix(std::min(line.size() + 1, body.size()));
        std::string name(text::trimmed_of_marks(line));
        clean(name, References::are_undone, Reply::max_callername);
        if (name.empty())
            continue;
        reply.status = Status::ack;
        reply.callername = std::move(name);
        return;
    }
}

void read_content(std::string_view body, std::string_view content, const Task& task, ReplyResult& result)
{
    const ReplyFormat format = task.options.format;
    if (content.starts_with('<'))
        result = BadReply{BadReply::Kind::html};
    else if (format == ReplyFormat::text)
        read_as_text(content, task, *result);
    else if (content.empty())
        result = BadReply{BadReply::Kind::empty};
    else if (format == ReplyFormat::json || (format == ReplyFormat::automatic && content.starts_with('{')))
        read_as_json(body, content, task, result);
    else if (format == ReplyFormat::automatic)
        read_as_form_or_quoted(content, task, result);
    else
        read_as_form({content}, task, result);
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
        return fault.character ? "the body is broken JSON at " + line_and_column(fault) + ": found " +
                                     text::code_point_name(*fault.character)
                               : "the body is broken JSON: it ends at " + line_and_column(fault);
    case BadReply::Kind::deep_json:
        return "the body is JSON deeper than " + std::to_string(ReplyOptions::max_depth) + " levels at " +
               line_and_column(fault);
    case BadReply::Kind::no_object:
        return "the body is JSON, but not an object";
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
    case BadReply::Kind::bad_ring:
        return "ring is not a number of seconds from 1 to 300";
    case BadReply::Kind::bad_strategy:
        return "strategy is neither parallel nor sequential";
    }
    return {};
}

result<Reply, BadReply> Reply::read(std::string_view body, std::string_view international_prefix,
                                    const ReplyOptions& options, ReplyReading* reading)
{
    ReplyResult result(boost::system::in_place_value);
    if (body.size() > max_body)
        result = BadReply{BadReply::Kind::too_long};
    else
        read_content(body, text::trimmed_of_marks(body), {international_prefix, options, reading}, result);
    return result;
}

} // namespace dialhook
