#pragma once

#include "call/decision.hpp"
#include "webhook/reply_options.hpp"

#include <boost/system/result.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dialhook {

/// Why a response body is no reply.
struct BadReply
{
    enum class Kind : unsigned char
    {
        empty,           ///< nothing but white space
        too_long,        ///< more than `Reply::max_body` bytes
        html,            ///< a page, where `status=…` was expected
        quoted,          ///< the reply, with quotes around it
        broken_json,     ///< no JSON text, from `line` and `column` on
        deep_json,       ///< deeper than `ReplyOptions::max_depth`
        no_object,       ///< JSON, but no object
        unexpected_json, ///< JSON, where a form was expected
        no_status,       ///< no `status`, or an empty one
        unknown_status,  ///< a `status` other than ACK, NAK and ERR
        destination,     ///< with ACK, a `destination` that cannot be dialled
        no_text,         ///< with ACK, a `destination` that is an object or the like
        bad_ring,        ///< with ACK, a ring time that is none
        bad_strategy     ///< with ACK, another one than the two
    };

    Kind kind;
    RefusedDestination destination = {};
    std::string place = {}; ///< JSON Pointer to the value; empty: the body is none, or what is wrong is the whole of it
    std::size_t line = 0;   ///< of broken JSON, from 1
    std::size_t column = 0; ///< of broken JSON, in characters, from 1
    std::optional<char32_t> character = {}; ///< what stands there, unless the body ends
};

/// Returns a sentence for logs and web developers. It never quotes the body.
std::string to_string(const BadReply& fault);

/// How a reply was read, for people.
struct ReplyReading
{
    struct Value
    {
        ReplyField field;
        std::string variable; ///< name of a variable
        std::string place;    ///< the key or JSON Pointer that gave it
    };

    ReplyFormat format = ReplyFormat::form; ///< never `automatic`
    bool was_in_quotes = false;             ///< a JSON text that held the form
    std::vector<Value> values;              ///< in their order in the body

    void note(ReplyField field, std::string_view variable, std::string place)
    {
        values.push_back({field, std::string(variable), std::move(place)});
    }
};

/// What the web server answered: `status=ACK&destination=%2B31502102544&callername=VoysTelecom`, or the same in JSON.
///
/// Real web servers are sloppy and their calls must still be routed; what is tolerated and what is not stands in
/// docs/webhook-authors.md. No value holds a control character, and all are UTF-8.
struct Reply
{
    static constexpr std::size_t max_body = 65536;
    static constexpr std::size_t max_callername = 80; ///< code points
    static constexpr std::size_t max_variables = 64;
    static constexpr std::size_t max_variable_value = 1024; ///< code points

    /// `international_prefix`: what stands for `+` in numbers, besides `00`; empty: nothing. `reading`, if there is
    /// one, gets what is to be told of how the body was read.
    static boost::system::result<Reply, BadReply> read(std::string_view body,
                                                       std::string_view international_prefix = {},
                                                       const ReplyOptions& options = ReplyOptions::standard(),
                                                       ReplyReading* reading = nullptr);

    Status status = Status::err;
    std::optional<Destination> destination; ///< only with ACK
    std::shared_ptr<const Ringing> ringing; ///< null: one destination at most, without a ring time
    std::string callername;                 ///< empty: none
    Variables variables;
};

} // namespace dialhook
