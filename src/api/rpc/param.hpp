#pragma once

#include "api/rpc/rpc_request.hpp"
#include "base/json_reader.hpp"
#include "base/text.hpp"
#include "call/call_vars.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace dialhook::rpc {

/// A parameter as it was read, judged only when the method turns out to be one that has it.
struct Param
{
    enum class Form : unsigned char
    {
        absent,
        text,
        null,
        lone_surrogate,
        other
    };

    Form form = Form::absent;
    std::string_view text;
};

using flow::invalid_params;

inline RequestFault not_an_object()
{
    return invalid_params("params must be an object with named parameters");
}

inline Param read_param(JsonReader& json)
{
    if (json.next() == JsonReader::Kind::string) {
        JsonString value;
        json.read_string(value);
        return {value.has_lone_surrogate ? Param::Form::lone_surrogate : Param::Form::text, value.text};
    }
    std::string_view raw;
    json.read_raw(raw);
    return {raw == "null" ? Param::Form::null : Param::Form::other, {}};
}

/// Returns what keeps `param` from being text; absent and null are none.
inline std::optional<RequestFault> fault_of(const Param& param, std::string_view name)
{
    if (param.form == Param::Form::lone_surrogate)
        return invalid_params(std::string(name) + " holds a lone surrogate");
    if (param.form == Param::Form::other)
        return invalid_params(std::string(name) + " must be a string");
    return std::nullopt;
}

/// Reads `vars` as they stand in a line that was found to be JSON; empty: none.
std::optional<RequestFault> take_vars(std::string_view raw, CallVars& vars);

} // namespace dialhook::rpc
