#pragma once

#include <dialhook/call/decision.hpp>

#include <boost/system/result.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace dialhook {

/// Why a response body is no reply.
struct BadReply
{
    enum class Kind : unsigned char
    {
        empty,          ///< nothing but white space
        too_long,       ///< more than `Reply::max_body` bytes
        html,           ///< a page, where `status=…` was expected
        quoted,         ///< the reply, with quotes around it
        no_status,      ///< no `status`, or an empty one
        unknown_status, ///< a `status` other than ACK, NAK and ERR
        destination     ///< with ACK, a `destination` that cannot be dialled
    };

    Kind kind;
    RefusedDestination destination = {};
};

/// A sentence for logs and web developers. It never quotes the body.
std::string to_string(const BadReply& fault);

/// What the web server answered: `status=ACK&destination=%2B31502102544&callername=VoysTelecom`.
///
/// Real web servers are sloppy and their calls must still be routed; what is tolerated and what is not stands in
/// docs/webhook-authors.md. No value holds a control character, and all are UTF-8.
struct Reply
{
    static constexpr std::size_t max_body = 65536;
    static constexpr std::size_t max_callername = 80; ///< code points
    static constexpr std::size_t max_variables = 64;
    static constexpr std::size_t max_variable_value = 1024; ///< code points

    /// `international_prefix`: what stands for `+` in numbers, besides `00`; empty: nothing.
    static boost::system::result<Reply, BadReply> read(std::string_view body,
                                                       std::string_view international_prefix = {});

    Status status;
    std::optional<Destination> destination; ///< only with ACK
    std::string callername;                 ///< empty: none
    Variables variables;
};

} // namespace dialhook
