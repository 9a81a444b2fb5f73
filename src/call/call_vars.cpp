#include "call/call_vars.hpp"

#include "base/ascii.hpp"

#include <algorithm>

namespace dialhook {
namespace {

CallVars::iterator place_of(CallVars& vars, std::string_view name)
{
    return std::lower_bound(vars.begin(), vars.end(), name,
                            [](const CallVar& var, std::string_view other) { return var.name < other; });
}

} // namespace

bool is_var_name(std::string_view name)
{
    const auto may_stand = [](char c) { return ascii::is_lower(c) || ascii::is_digit(c) || c == '_'; };
    return !name.empty() && name.size() <= max_var_name && ascii::is_lower(name.front()) &&
           std::all_of(name.begin(), name.end(), may_stand);
}

void add_var(CallVars& vars, std::string_view name, std::string_view value)
{
    const auto place = place_of(vars, name);
    if (place == vars.end() || place->name != name)
        vars.insert(place, {std::string(name), std::string(value)});
}

void set_var(CallVars& vars, std::string_view name, std::string_view value)
{
    const auto place = place_of(vars, name);
    if (place == vars.end() || place->name != name)
        vars.insert(place, {std::string(name), std::string(value)});
    else
        place->value = value;
}

void keep_declared(CallVars& vars, const std::vector<std::string>& declared)
{
    std::erase_if(vars, [&](const CallVar& var) {
        return std::find(declared.begin(), declared.end(), var.name) == declared.end();
    });
}

} // namespace dialhook
