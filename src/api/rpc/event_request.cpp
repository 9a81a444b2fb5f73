#include "api/rpc/event_request.hpp"

#include "api/event_params.hpp"
#include "api/rpc/param.hpp"
#include "base/json_reader.hpp"

#include <functional>
#include <map>
#include <string>
#include <utility>

namespace dialhook::rpc {
namespace {

/// The members of an object as they stand there. Of one that comes twice the last counts.
using Members = std::map<std::string, std::string_view, std::less<>>;

Members members_of(JsonReader& json)
{
    Members members;
    json.enter();
    for (JsonString name; json.more_members(name);)
        json.read_raw(members[std::string(name.text)]);
    return members;
}

std::optional<RequestFault> take_targets(JsonReader& json, std::vector<std::string>& targets)
{
    if (json.next() != JsonReader::Kind::array)
        return invalid_params("targets must be an array of strings");
    json.enter();
    for (std::size_t index = 0; json.more_elements(); ++index) {
        const Param target = read_param(json);
        if (auto fault = fault_of(target, "targets[" + std::to_string(index) + "]"))
            return fault;
        targets.emplace_back(target.text);
    }
    return std::nullopt;
}

std::optional<RequestFault> take_member(std::string_view name, std::string_view raw, api::EventParams& params)
{
    JsonReader json(raw);
    if (raw == "null")
        return std::nullopt;
    if (name == "targets")
        return take_targets(json, params.targets);
    if (name == "vars")
        return take_vars(raw, params.vars);
    std::string* const text = params.named(name);
    if (text == nullptr)
        return std::nullopt;
    const Param param = read_param(json);
    *text = param.text;
    return fault_of(param, name);
}

/// Says which call the fault is about, as far as that was read.
RequestFault with_call_of(RequestFault fault, const api::EventParams& params)
{
    using dispatch::Refused;
    auto about = std::make_shared<Refused>();
    about->did = Refused::cut(params.did);
    about->call_id = Refused::cut(params.call_id);
    fault.about = std::move(about);
    return fault;
}

} // namespace

Asked read_event(std::string_view text)
{
    JsonReader json(text);
    if (json.next() != JsonReader::Kind::object)
        return not_an_object();
    api::EventParams params;
    std::optional<RequestFault> fault;
    for (const auto& [name, raw] : members_of(json)) {
        auto wrong = take_member(name, raw, params);
        if (!fault)
            fault = std::move(wrong);
    }
    if (fault)
        return with_call_of(*std::move(fault), params);
    auto report = api::report_of(params);
    if (!report)
        return with_call_of(invalid_params(report.error()), params);
    return std::make_unique<events::Report>(*std::move(report));
}

} // namespace dialhook::rpc
