#pragma once

#include "api/rpc/rpc_request.hpp"

#include <boost/system/result.hpp>

#include <string>
#include <string_view>

namespace dialhook::engine_http {

/// What the door needs of an HTTP request.
struct Request
{
    enum class Method : unsigned char
    {
        post,
        head, ///< its answer has no body
        other
    };

    Method method = Method::other;
    std::string target;        ///< as sent, with its query
    std::string authorization; ///< value of the header; secret
    bool is_from_browser = false;
    bool wants_form = false; ///< the answer as application/x-www-form-urlencoded, else as JSON
    bool stays = false;      ///< the client keeps the connection
    std::string body;
};

/// Why a request is answered with an error: its HTTP status, and the fault as an engine on the Unix socket has it.
struct HttpRefusal
{
    unsigned status;
    flow::RequestFault fault;
};

/// Returns the HTTP status of an answer with this error.
unsigned status_of(RpcError code);

/// Reads what `request`, which may ask, asks for: the path says the method, the body is the `params`. Pure.
boost::system::result<rpc::Asked, HttpRefusal> read_asked(const Request& request);

} // namespace dialhook::engine_http
