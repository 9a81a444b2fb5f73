#include "webhook/body_fields.hpp"

#include "base/json_text.hpp"
#include "base/percent.hpp"

#include <algorithm>
#include <optional>

namespace dialhook {
namespace {

/// Returns the text that is sent, or nullopt if the member is left out.
std::optional<std::string> expanded(const ValueTemplate& text, const VariableValues& values)
{
    std::string value;
    text.expand(values, ValueTemplate::Encoding::none, value);
    if (text.is_left_out(value))
        return std::nullopt;
    return value;
}

bool uses_in(const std::vector<BodyField>& members, Variable variable)
{
    return std::any_of(members.begin(), members.end(), [&](const BodyField& member) {
        return member.kind == BodyField::Kind::text ? member.text.uses(variable) : uses_in(member.members, variable);
    });
}

/// Appends the members that are sent, between brackets; false, and nothing is appended, if there are none.
bool append_members(std::string& out, const std::vector<BodyField>& members, bool is_list,
                    const VariableValues& values) // NOLINT(misc-no-recursion): the configuration bounds the depth
{
    const std::size_t start = out.size();
    for (const BodyField& member : members) {
        const std::size_t member_start = out.size();
        out += member_start == start ? (is_list ? '[' : '{') : ',';
        if (!is_list) {
            append_json_string(out, member.name);
            out += ':';
        }
        bool is_sent = true;
        if (member.kind != BodyField::Kind::text)
            is_sent = append_members(out, member.members, member.kind == BodyField::Kind::list, values);
        else if (const auto value = expanded(member.text, values))
            append_json_string(out, *value);
        else
            is_sent = false;
        if (!is_sent)
            out.resize(member_start);
    }
    if (out.size() == start)
        return false;
    out += is_list ? ']' : '}';
    return true;
}

} // namespace

bool BodyFields::uses(Variable variable) const
{
    return uses_in(members, variable);
}

std::string BodyFields::form(const VariableValues& values) const
{
    std::string body;
    for (const BodyField& member : members) {
        const auto value = expanded(member.text, values);
        if (!value)
            continue;
        if (!body.empty())
            body += '&';
        percent::append_encoded(body, member.name);
        body += '=';
        percent::append_encoded(body, *value);
    }
    return body;
}

std::string BodyFields::json(const VariableValues& values) const
{
    std::string body;
    if (!append_members(body, members, false, values))
        body = "{}";
    return body;
}

} // namespace dialhook
