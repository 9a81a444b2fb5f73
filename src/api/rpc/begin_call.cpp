#include "api/rpc/begin_call.hpp"

#include <utility>

namespace dialhook::rpc {

flow::CallFlow::Begun begin_call(Asked& asks, const api::WorkerServices& services)
{
    if (auto* route = std::get_if<RouteRequest>(&asks)) {
        if (services.tells_events)
            services.imply_created(route->call);
        return flow::CallFlow::begin(std::move(*route), services.snapshot);
    }
    if (const auto* next = std::get_if<ContinueRequest>(&asks))
        return flow::CallFlow::resume(*next, services.snapshot);
    return std::get<RequestFault>(std::move(asks));
}

} // namespace dialhook::rpc
