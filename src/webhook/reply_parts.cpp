#include "webhook/reply_parts.hpp"

#include <dialhook/call/character_references.hpp>
#include <dialhook/call/text.hpp>

#include <algorithm>
#include <utility>

namespace dialhook {
namespace {

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

BadReply bad_status(BadReply::Kind kind, const ReplyTarget* target)
{
    BadReply fault{kind};
    if (target != nullptr)
        fault.place = target->place();
    return fault;
}

} // namespace

std::string in_utf8(std::string text)
{
    if (!text::is_utf8(text))
        text = text::utf8_or_windows_1252(std::move(text));
    return text;
}

std::string cleaned_text(std::string decoded, References references, std::size_t max_code_points)
{
    std::string value = in_utf8(std::move(decoded));
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

bool is_sip(std::string_view destination)
{
    return text::equals_ignoring_case(destination.substr(0, 3), "sip");
}

bool is_variable_name(std::string_view name)
{
    return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-';
    });
}

bool ReplyParts::has_room_for(std::string_view name) const
{
    const bool is_known =
        std::any_of(variables.begin(), variables.end(), [&](const auto& variable) { return variable.first == name; });
    return !is_known && variables.size() < Reply::max_variables;
}

std::string place_of_destination(const ReplyParts& parts)
{
    if (parts.destination_target == nullptr)
        return {};
    std::string place = parts.destination_target->place();
    if (parts.destination_element)
        place.append(1, '/').append(std::to_string(*parts.destination_element));
    return place;
}

boost::system::result<Reply, BadReply> ReplyParts::judged(std::string_view international_prefix,
                                                          const ReplyOptions& options)
{
    std::optional<Status> said = options.is_always_ack ? std::optional(Status::ack) : status_of(status);
    if (!said)
        return bad_status(status.empty() ? BadReply::Kind::no_status : BadReply::Kind::unknown_status, status_target);

    std::optional<Destination> dialled;
    if (said == Status::ack && destination_is_no_text)
        return BadReply{.kind = BadReply::Kind::no_text, .place = place_of_destination(*this)};
    if (said == Status::ack && !is_blank_number(destination)) {
        auto read = Destination::from(destination, international_prefix);
        if (!read)
            return BadReply{
                .kind = BadReply::Kind::destination, .destination = read.error(), .place = place_of_destination(*this)};
        dialled = *std::move(read);
    }
    return Reply{.status = *said,
                 .destination = std::move(dialled),
                 .callername = std::move(callername),
                 .variables = std::move(variables)};
}

} // namespace dialhook
