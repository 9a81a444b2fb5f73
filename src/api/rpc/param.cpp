#include "api/rpc/param.hpp"

namespace dialhook::rpc {

std::optional<RequestFault> take_vars(std::string_view raw, CallVars& vars)
{
    if (raw.empty() || raw == "null")
        return std::nullopt;
    JsonReader json(raw);
    if (json.next() != JsonReader::Kind::object)
        return invalid_params("vars must be an object of texts");
    json.enter();
    std::size_t count = 0;
    for (JsonString name; json.more_members(name);) {
        if (++count > max_call_vars)
            return invalid_params("vars must be at most 32 texts");
        if (name.has_lone_surrogate || !is_var_name(name.text))
            return invalid_params("a name in vars must be 1 to 32 of a to z, 0 to 9 and _, and begin with a letter");
        const Param value = read_param(json);
        const std::string in_fault = "vars." + std::string(name.text);
        if (value.form == Param::Form::null)
            return invalid_params(in_fault + " must be a string; leave it out if it has no value");
        if (auto fault = fault_of(value, in_fault))
            return fault;
        if (value.text.size() > max_var_value)
            return invalid_params(in_fault + " must be at most 1024 bytes");
        set_var(vars, name.text, value.text);
    }
    return std::nullopt;
}

} // namespace dialhook::rpc
