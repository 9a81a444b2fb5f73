#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace dialhook::dialplan {

/// The arguments of an application of the PBX with one value in them: `PJSIP/${destination}@trunk,30`.
class ArgumentTemplate
{
public:
    /// Returns nullopt unless `text` holds `${placeholder}` exactly once, no other `$`, and no control character.
    static std::optional<ArgumentTemplate> from(std::string_view text, std::string_view placeholder);

    /// Returns the arguments with `value`, or nullopt if it holds what could mean something to the PBX: a value may be
    /// letters, digits and `+*#._~@:/-`, and have brackets in pairs, as an IPv6 address has.
    std::optional<std::string> filled(std::string_view value) const;

    std::string str(std::string_view placeholder) const;

    bool operator==(const ArgumentTemplate&) const = default;

private:
    ArgumentTemplate(std::string_view before, std::string_view after)
        : before_(before)
        , after_(after)
    {
    }

    std::string before_;
    std::string after_;
};

} // namespace dialhook::dialplan
