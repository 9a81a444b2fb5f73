#include "nats/peer_text.hpp"

#include "base/text.hpp"

namespace dialhook::nats {

std::string peer_text(std::string_view bytes)
{
    const std::string whole = text::without_controls(text::utf8_or_windows_1252(std::string(bytes)));
    return std::string(text::first_bytes(whole, max_peer_text));
}

void read_peer_text(JsonReader& reader, std::string& value)
{
    JsonString read;
    if (reader.next() != JsonReader::Kind::string)
        reader.skip();
    else if (reader.read_string(read))
        value = peer_text(read.text);
}

} // namespace dialhook::nats
