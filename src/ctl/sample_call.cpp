#include "ctl/sample_call.hpp"

#include <nlohmann/json.hpp>

namespace dialhook::ctl {

nlohmann::ordered_json params_of(const SampleCall& call)
{
    nlohmann::ordered_json params{{"did", call.did}};
    const auto add = [&params](const char* name, const std::optional<std::string>& value) {
        if (value)
            params[name] = *value;
    };
    add("callerid", call.callerid);
    add("callername", call.callername);
    add("call_id", call.call_id);
    add("presentation", call.presentation);
    for (const std::string& var : call.vars) {
        const auto equals = var.find('=');
        params["vars"][var.substr(0, equals)] = var.substr(equals + 1);
    }
    return params;
}

} // namespace dialhook::ctl
