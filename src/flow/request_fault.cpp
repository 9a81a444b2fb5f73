#include "flow/request_fault.hpp"

#include <utility>

namespace dialhook::flow {
namespace {

using dispatch::Refused;

/// `named` and `name` say what was asked for that is not there.
std::shared_ptr<Refused> refused(const Call& call, Refused::Named named, std::string_view name)
{
    auto about = std::make_shared<Refused>();
    about->named = named;
    about->name = Refused::cut(name);
    about->did = Refused::cut(call.did.view());
    about->call_id = Refused::cut(call.call_id.view());
    if (named == Refused::Named::webhook)
        about->webhook = about->name;
    return about;
}

std::string quoted(std::string_view said, const std::string& name)
{
    std::string message(said);
    message += " \"" + name + '"';
    return message;
}

} // namespace

RequestFault invalid_params(std::string_view why)
{
    return {RpcError::invalid_params, std::string(why)};
}

RequestFault bad_state(std::string_view why)
{
    return {RpcError::bad_state, std::string(why)};
}

RequestFault unknown_webhook(const Call& call, std::string_view name, std::string_view said)
{
    auto about = refused(call, Refused::Named::webhook, name);
    std::string message = quoted(said, about->name);
    return {RpcError::unknown_webhook, std::move(message), std::move(about)};
}

RequestFault no_dialplan(const Call& call, std::string_view number, std::string_view said, std::string_view remedy)
{
    auto about = refused(call, Refused::Named::did, number);
    std::string message = quoted(said, about->name);
    return {RpcError::no_dialplan, std::move(message), std::move(about), remedy};
}

RequestFault with_call(RequestFault fault, const Call& call, std::string_view webhook)
{
    if (fault.about == nullptr)
        fault.about = refused(call, Refused::Named::webhook, webhook);
    return fault;
}

} // namespace dialhook::flow
