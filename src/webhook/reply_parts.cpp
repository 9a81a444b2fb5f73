#include "webhook/reply_parts.hpp"

#include "base/character_references.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <memory>
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

BadReply bad_status(const ReplyParts& parts)
{
    using Kind = BadReply::Kind;
    BadReply fault{parts.status.empty() ? Kind::no_status : Kind::unknown_status};
    if (parts.status.empty() && parts.begins_as_json)
        fault.kind = Kind::unexpected_json;
    if (parts.status_target != nullptr)
        fault.place = parts.status_target->place();
    return fault;
}

BadReply refused(const WrittenDestination& written, const RefusedDestination& why)
{
    return {.kind = BadReply::Kind::destination, .destination = why, .place = written.place()};
}

BadReply no_text(const WrittenDestination& written)
{
    return {.kind = BadReply::Kind::no_text, .place = written.place()};
}

/// Reads a destination that was found.
boost::system::result<Destination, BadReply> read_destination(const WrittenDestination& written,
                                                              std::string_view international_prefix)
{
    if (written.is_no_text)
        return no_text(written);
    if (written.is_fraction)
        return refused(written, {RefusedDestination::Why::decimal_fraction});
    auto destination = Destination::from(written.text, international_prefix);
    if (!destination)
        return refused(written, destination.error());
    return *std::move(destination);
}

std::optional<std::chrono::seconds> ring_time_of(std::string_view text)
{
    unsigned seconds = 0;
    const char* const end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, seconds);
    const std::chrono::seconds time(seconds);
    const bool is_one = read.ec == std::errc() && read.ptr == end && time >= RingTime::min && time <= RingTime::max;
    return is_one ? std::optional(time) : std::nullopt;
}

/// `first` is the destination before those in `parts`.
boost::system::result<Ringing, BadReply> judged_ringing(const RingParts& parts, const Destination& first,
                                                        std::string_view international_prefix)
{
    Ringing ringing;
    if (!parts.ring.empty()) {
        ringing.ring = ring_time_of(parts.ring);
        if (!ringing.ring)
            return BadReply{BadReply::Kind::bad_ring};
    }
    if (text::equals_ignoring_case(parts.strategy, "sequential"))
        ringing.strategy = RingStrategy::sequential;
    else if (!parts.strategy.empty() && !text::equals_ignoring_case(parts.strategy, "parallel"))
        return BadReply{BadReply::Kind::bad_strategy};
    ringing.destinations.push_back(first);
    for (const WrittenDestination& written : parts.more) {
        auto destination = read_destination(written, international_prefix);
        if (!destination)
            return std::move(destination).error();
        ringing.destinations.push_back(*std::move(destination));
    }
    return ringing;
}

} // namespace

std::string in_utf8(std::string text)
{
    if (!text::is_utf8(text))
        text = text::utf8_or_windows_1252(std::move(text));
    return text;
}

void clean(std::string& text, References references, std::size_t max_code_points)
{
    if (!text::is_utf8(text))
        text = text::utf8_or_windows_1252(std::move(text));
    if (references == References::are_undone && text.find('&') != std::string::npos)
        text = character_references::undone(text);
    if (text::has_controls(text))
        text = text::without_controls(std::move(text));
    if (text.size() > max_code_points)
        text.resize(text::first_code_points(text, max_code_points).size());
    const std::string_view content = text::trimmed_of_marks(text);
    if (content.empty())
        text.clear();
    else if (text.starts_with(text::byte_order_mark) || text.ends_with(text::byte_order_mark))
        text = std::string(content);
}

void drop_lone_surrogates(std::string& text)
{
    constexpr std::string_view replacement_character = "\uFFFD";
    for (auto at = text.find(replacement_character); at != text.npos; at = text.find(replacement_character, at))
        text.erase(at, replacement_character.size());
}

bool is_sip(std::string_view destination)
{
    return text::equals_ignoring_case(destination.substr(0, 3), "sip");
}

bool ReplyParts::has_room_for(std::string_view name) const
{
    const bool is_known =
        std::any_of(variables.begin(), variables.end(), [&](const auto& variable) { return variable.first == name; });
    return !is_known && variables.size() < Reply::max_variables;
}

std::string WrittenDestination::place() const
{
    if (target == nullptr)
        return {};
    std::string place = target->place();
    if (element)
        place.append(1, '/').append(std::to_string(*element));
    return place;
}

bool ReplyParts::add(WrittenDestination&& written, const ReplyOptions& options)
{
    if (written.is_none() || !has_room_for_destination(options))
        return false;
    if (destination.is_none())
        destination = std::move(written);
    else
        ringing().more.push_back(std::move(written));
    return true;
}

void ReplyParts::judge(std::string_view international_prefix, const ReplyOptions& options, ReplyResult& result) const
{
    const std::optional<Status> said = options.is_always_ack ? std::optional(Status::ack) : status_of(status);
    if (!said) {
        result = bad_status(*this);
        return;
    }
    result->status = *said;
    if (said != Status::ack || destination.is_none())
        return;
    auto dialled = read_destination(destination, international_prefix);
    if (!dialled) {
        result = std::move(dialled).error();
        return;
    }
    result->destination = *std::move(dialled);
    if (rings == nullptr || (rings->more.empty() && rings->ring.empty()))
        return;
    auto ringing = judged_ringing(*rings, *result->destination, international_prefix);
    if (ringing)
        result->ringing = std::make_shared<const Ringing>(*std::move(ringing));
    else
        result = ringing.error();
}

} // namespace dialhook
