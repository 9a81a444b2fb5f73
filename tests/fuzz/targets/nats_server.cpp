#include "base/text.hpp"
#include "fuzz/require.hpp"
#include "fuzz/targets.hpp"
#include "nats/acknowledgement.hpp"
#include "nats/peer_text.hpp"
#include "nats/reader.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace dialhook::fuzz {
namespace {

struct Read
{
    std::vector<nats::ServerMessage> messages;
    std::string fault;

    bool operator==(const Read&) const = default;
};

/// Returns whether a fault ended it.
bool read_all(nats::Reader& reader, Read& all)
{
    while (true) {
        const auto next = reader.next();
        if (!next)
            all.fault = next.error();
        if (!next || !*next)
            return !next;
        all.messages.push_back(**next);
    }
}

Read read(std::string_view bytes, std::size_t portion)
{
    Read all;
    nats::Reader reader;
    for (bool is_over = false; !is_over && !bytes.empty();) {
        reader.feed(bytes.substr(0, portion));
        bytes.remove_prefix(std::min(portion, bytes.size()));
        is_over = read_all(reader, all);
    }
    return all;
}

void require_fit_for_a_log(std::string_view text)
{
    require(text::is_utf8(text) && !text::has_controls(text), "what the server says is fit for a log");
    require(text.size() <= nats::max_peer_text, "what the server says is short");
}

void require_sound(const nats::Message& message)
{
    require(message.headers.size() + message.payload.size() <= nats::Reader::max_message, "a message has a limit");
    const auto answer = nats::read_acknowledgement(message);
    if (const auto* const stored = std::get_if<nats::Acknowledgement>(&answer)) {
        require(!stored->stream.empty(), "what is stored is in a stream");
        require_fit_for_a_log(stored->stream);
    } else {
        require_fit_for_a_log(std::get<nats::PublishRefusal>(answer).description);
    }
}

} // namespace

/// All that a NATS server sends.
void nats_server(std::string_view input)
{
    const Read all = read(input, 4096);
    require(all == read(input, 1 + input.size() / 7), "portions change nothing");
    if (input.size() < 600)
        require(all == read(input, 1), "single bytes change nothing");
    for (const nats::ServerMessage& message : all.messages) {
        if (const auto* const received = std::get_if<nats::Message>(&message))
            require_sound(*received);
        if (const auto* const error = std::get_if<nats::ServerError>(&message))
            require_fit_for_a_log(error->text);
        if (const auto* const info = std::get_if<nats::Info>(&message))
            require_fit_for_a_log(info->version);
    }
}

} // namespace dialhook::fuzz
