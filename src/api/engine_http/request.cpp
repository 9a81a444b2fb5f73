#include "api/engine_http/request.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace dialhook::engine_http {
namespace {

constexpr unsigned bad_request = 400;
constexpr unsigned not_found = 404;
constexpr unsigned wrong_method = 405;
constexpr unsigned conflict = 409;
constexpr unsigned server_error = 500;
constexpr unsigned unavailable = 503;

struct Path
{
    std::string_view path;
    rpc::RpcMethod method;
};

constexpr std::array<Path, 3> paths{{{"/v1/route", rpc::RpcMethod::route},
                                     {"/v1/continue", rpc::RpcMethod::go_on},
                                     {"/v1/event", rpc::RpcMethod::event}}};

/// Returns the path of `target`, which a client that takes us for a proxy writes as a whole URL (RFC 9112, 3.2.2).
std::string_view path_of(std::string_view target)
{
    for (const std::string_view scheme : {"http://", "https://"})
        if (text::equals_ignoring_case(target.substr(0, scheme.size()), scheme)) {
            target.remove_prefix(scheme.size());
            target.remove_prefix(std::min(target.find_first_of("/?"), target.size()));
            break;
        }
    return target.substr(0, target.find('?'));
}

} // namespace

unsigned status_of(RpcError code)
{
    switch (code) {
    case RpcError::parse_error:
    case RpcError::invalid_request:
    case RpcError::invalid_params:
        return bad_request;
    case RpcError::method_not_found:
    case RpcError::unknown_webhook:
    case RpcError::no_dialplan:
        return not_found;
    case RpcError::bad_state:
        return conflict;
    case RpcError::not_stored:
    case RpcError::no_configuration:
    case RpcError::stopping:
        return unavailable;
    case RpcError::internal_error:
    case RpcError::cancelled:
    case RpcError::refused_configuration:
        break;
    }
    return server_error;
}

boost::system::result<rpc::Asked, HttpRefusal> read_asked(const Request& request)
{
    const std::string_view path = path_of(request.target);
    for (const Path& one : paths) {
        if (one.path != path)
            continue;
        if (request.method != Request::Method::post)
            return HttpRefusal{wrong_method, {RpcError::invalid_request, "the method is POST"}};
        rpc::Asked asked = rpc::read_params(one.method, request.body);
        if (auto* const fault = std::get_if<flow::RequestFault>(&asked))
            return HttpRefusal{status_of(fault->code), std::move(*fault)};
        return asked;
    }
    return HttpRefusal{not_found,
                       {RpcError::method_not_found, "unknown path; there are /v1/route, /v1/continue and /v1/event"}};
}

} // namespace dialhook::engine_http
