#include "nats/info.hpp"

#include "base/json_reader.hpp"
#include "base/text.hpp"
#include "nats/peer_text.hpp"

#include <charconv>

namespace dialhook::nats {
namespace {

void read_flag(JsonReader& reader, bool& flag)
{
    std::string_view raw;
    if (reader.read_raw(raw))
        flag = text::is(raw, "true");
}

/// Leaves `number` as it is unless there is one that fits.
void read_size(JsonReader& reader, std::size_t& number)
{
    std::string_view raw;
    if (reader.read_raw(raw))
        std::from_chars(raw.data(), raw.data() + raw.size(), number);
}

void read_member(JsonReader& reader, std::string_view name, Info& info)
{
    if (text::is(name, "version"))
        read_peer_text(reader, info.version);
    else if (text::is(name, "max_payload"))
        read_size(reader, info.max_payload);
    else if (text::is(name, "headers"))
        read_flag(reader, info.has_headers);
    else if (text::is(name, "tls_required"))
        read_flag(reader, info.requires_tls);
    else if (text::is(name, "tls_available"))
        read_flag(reader, info.offers_tls);
    else if (text::is(name, "ldm"))
        read_flag(reader, info.is_lame_duck);
    else
        reader.skip();
}

} // namespace

std::optional<Info> read_info(std::string_view json)
{
    if (!text::is_utf8(json))
        return std::nullopt;
    JsonReader reader(json, max_json_depth);
    Info info;
    if (reader.next() != JsonReader::Kind::object || !reader.enter())
        return std::nullopt;
    JsonString name;
    while (reader.more_members(name))
        read_member(reader, name.text, info);
    if (reader.failed() || !reader.at_end())
        return std::nullopt;
    return info;
}

} // namespace dialhook::nats
