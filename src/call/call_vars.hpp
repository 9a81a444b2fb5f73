#pragma once

#include "dialhook/protocol.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace dialhook {

/// What an engine sends along with a call beside its numbers and names, such as a tenant: `vars` of the protocol.
struct CallVar
{
    std::string name;
    std::string value; ///< UTF-8; may hold control characters

    bool operator==(const CallVar&) const = default;
};

/// Ordered by name, each name once.
using CallVars = std::vector<CallVar>;

constexpr std::size_t max_call_vars = DIALHOOK_MAX_VARS;
constexpr std::size_t max_var_name = DIALHOOK_MAX_VAR_NAME;
constexpr std::size_t max_var_value = DIALHOOK_MAX_VAR_VALUE; ///< bytes

/// Returns whether `name` is `[a-z][a-z0-9_]{0,31}`.
bool is_var_name(std::string_view name);

/// Adds a variable, unless there is one of the name.
void add_var(CallVars& vars, std::string_view name, std::string_view value);

/// Adds a variable, or changes the one of the name.
void set_var(CallVars& vars, std::string_view name, std::string_view value);

/// Drops what is not among `declared`.
void keep_declared(CallVars& vars, const std::vector<std::string>& declared);

} // namespace dialhook
