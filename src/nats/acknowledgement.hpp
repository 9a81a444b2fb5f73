#pragma once

#include "nats/server_message.hpp"

#include <cstdint>
#include <string>
#include <variant>

namespace dialhook::nats {

/// JetStream has the message, as safe as its stream is.
struct Acknowledgement
{
    std::string stream; ///< fit for a log
    std::uint64_t sequence = 0;
    bool is_duplicate = false; ///< it had got it before

    bool operator==(const Acknowledgement&) const = default;
};

/// JetStream has not taken the message.
struct PublishRefusal
{
    enum class Kind : unsigned char
    {
        no_responders, ///< no stream has the subject, or JetStream is off
        by_jetstream,  ///< the stream refuses, such as one that is full
        not_an_answer  ///< something else answered
    };

    Kind kind;
    int code = 0;            ///< JetStream's `err_code`, or where there is none its `code`; 0: none
    std::string description; ///< JetStream's, fit for a log

    bool operator==(const PublishRefusal&) const = default;
};

/// Reads the answer to a publication (ADR-1 of NATS, `io.nats.jetstream.api.v1.pub_ack_response`).
std::variant<Acknowledgement, PublishRefusal> read_acknowledgement(const Message& message);

} // namespace dialhook::nats
