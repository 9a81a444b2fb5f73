#pragma once

#include "webhook/value_template.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace dialhook {

/// One member of the body of a POST, as `fields` of a webhook has it: a text, or in JSON also an object or a list.
struct BodyField
{
    enum class Kind : unsigned char
    {
        text,
        object,
        list
    };

    std::string name; ///< empty in a list
    Kind kind = Kind::text;
    ValueTemplate text = {};
    std::vector<BodyField> members = {};

    bool operator==(const BodyField&) const = default;
};

/// `fields` of a webhook: the members of the body in place of the call's own. What has no text of its own and only
/// variables without a value is left out, and so is an object or a list of which nothing remains.
struct BodyFields
{
    static constexpr std::size_t max_depth = 16;

    std::vector<BodyField> members;

    bool uses(Variable variable) const;

    /// Returns the body as application/x-www-form-urlencoded; all members are texts.
    std::string form(const VariableValues& values) const;
    std::string json(const VariableValues& values) const;

    bool operator==(const BodyFields&) const = default;
};

} // namespace dialhook
