#include "config/vars_section.hpp"

#include "call/call_vars.hpp"
#include "yaml/shown.hpp"

#include <algorithm>

namespace dialhook::config {

std::vector<std::string> read_vars(const Value& value)
{
    constexpr std::string_view expected =
        "a name of 1 to 32 small letters, digits and _ that begins with a letter, such as tenant";
    std::vector<std::string> names;
    value.each_item("a list of names, such as [tenant, verstat]", [&](const Value& item) {
        const auto name = item.text(expected);
        if (!name)
            return;
        if (!is_var_name(*name))
            item.unexpected(expected);
        else if (std::find(names.begin(), names.end(), *name) != names.end())
            item.fault("the name " + in_quotes(*name) + " appears twice; remove one of them");
        else
            names.emplace_back(*name);
    });
    if (names.size() > max_call_vars)
        value.fault("found more than 32 names, which is what an engine can send along with a call");
    return names;
}

std::string_view vars_schema()
{
    return R"({"type":["array","null"],"items":{"type":"string","pattern":"^[a-z][a-z0-9_]{0,31}$",)"
           R"("patternErrorMessage":"expected 1 to 32 small letters, digits and _, a letter first"},)"
           R"("maxItems":32,"uniqueItems":true})";
}

} // namespace dialhook::config
