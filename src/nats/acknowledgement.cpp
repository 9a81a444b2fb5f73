#include "nats/acknowledgement.hpp"

#include "base/json_reader.hpp"
#include "base/text.hpp"
#include "nats/peer_text.hpp"

#include <charconv>
#include <optional>

namespace dialhook::nats {
namespace {

constexpr std::string_view no_responders_status = "NATS/1.0 503";

/// What the answer's JSON holds.
struct Answer
{
    std::string stream;
    std::optional<std::uint64_t> sequence;
    bool is_duplicate = false;
    std::optional<PublishRefusal> refusal;
};

template <class Number>
std::optional<Number> read_number(JsonReader& reader)
{
    std::string_view raw;
    if (!reader.read_raw(raw))
        return std::nullopt;
    Number number = 0;
    const char* const end = raw.data() + raw.size();
    const auto [stopped_at, error] = std::from_chars(raw.data(), end, number);
    return error == std::errc() && stopped_at == end ? std::optional(number) : std::nullopt;
}

PublishRefusal read_error(JsonReader& reader)
{
    PublishRefusal refusal{PublishRefusal::Kind::by_jetstream, 0, {}};
    std::optional<int> exact;
    if (reader.next() != JsonReader::Kind::object) {
        reader.skip();
        return refusal;
    }
    reader.enter();
    JsonString name;
    while (reader.more_members(name)) {
        if (text::is(name.text, "code"))
            refusal.code = read_number<int>(reader).value_or(0);
        else if (text::is(name.text, "err_code"))
            exact = read_number<int>(reader);
        else if (text::is(name.text, "description"))
            read_peer_text(reader, refusal.description);
        else
            reader.skip();
    }
    refusal.code = exact.value_or(refusal.code);
    return refusal;
}

void read_member(JsonReader& reader, std::string_view name, Answer& answer)
{
    std::string_view raw;
    if (text::is(name, "stream"))
        read_peer_text(reader, answer.stream);
    else if (text::is(name, "seq"))
        answer.sequence = read_number<std::uint64_t>(reader);
    else if (text::is(name, "duplicate"))
        answer.is_duplicate = reader.read_raw(raw) && text::is(raw, "true");
    else if (text::is(name, "error"))
        answer.refusal = read_error(reader);
    else
        reader.skip();
}

/// Returns nullopt if `json` is no JSON object.
std::optional<Answer> read_answer(std::string_view json)
{
    if (!text::is_utf8(json))
        return std::nullopt;
    JsonReader reader(json, max_json_depth);
    Answer answer;
    if (reader.next() != JsonReader::Kind::object || !reader.enter())
        return std::nullopt;
    JsonString name;
    while (reader.more_members(name))
        read_member(reader, name.text, answer);
    if (reader.failed() || !reader.at_end())
        return std::nullopt;
    return answer;
}

} // namespace

std::variant<Acknowledgement, PublishRefusal> read_acknowledgement(const Message& message)
{
    if (message.headers.starts_with(no_responders_status))
        return PublishRefusal{PublishRefusal::Kind::no_responders, 503, {}};
    auto answer = read_answer(message.payload);
    if (answer && answer->refusal)
        return *std::move(answer->refusal);
    if (!answer || answer->stream.empty() || !answer->sequence)
        return PublishRefusal{PublishRefusal::Kind::not_an_answer, 0, {}};
    return Acknowledgement{std::move(answer->stream), *answer->sequence, answer->is_duplicate};
}

} // namespace dialhook::nats
