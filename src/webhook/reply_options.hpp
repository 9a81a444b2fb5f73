#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace dialhook {

/// How a reply is written.
enum class ReplyFormat : unsigned char
{
    automatic, ///< JSON if the body begins with `{`, else a form
    form,
    json,
    text ///< the body is the name
};

/// Returns the word of the configuration: `auto`, `form`, `json`, `text`.
constexpr std::string_view to_string(ReplyFormat format)
{
    switch (format) {
    case ReplyFormat::automatic:
        return "auto";
    case ReplyFormat::form:
        return "form";
    case ReplyFormat::json:
        return "json";
    case ReplyFormat::text:
        return "text";
    }
    return {};
}

enum class ReplyField : unsigned char
{
    status,
    destination,
    callername,
    strategy,
    ring,
    variable
};

/// Returns its key, unless `reply` gives it another one; empty for a variable.
constexpr std::string_view to_string(ReplyField field)
{
    switch (field) {
    case ReplyField::status:
        return "status";
    case ReplyField::destination:
        return "destination";
    case ReplyField::callername:
        return "callername";
    case ReplyField::strategy:
        return "strategy";
    case ReplyField::ring:
        return "ring";
    case ReplyField::variable:
        break;
    }
    return {};
}

/// Where one value of a reply stands.
struct ReplyTarget
{
    ReplyField field;
    std::string variable = {};             ///< name of a variable
    std::string key = {};                  ///< key of a form; empty for a JSON Pointer, which forms know nothing of
    std::vector<std::string> pointer = {}; ///< reference tokens of a JSON Pointer (RFC 6901), never none
    bool in_any_case = false;              ///< of the pointer, which was made of a key

    /// Returns the JSON Pointer as text.
    std::string place() const;

    bool operator==(const ReplyTarget&) const = default;
};

/// `reply` of a webhook: how its replies are read.
struct ReplyOptions
{
    static constexpr std::size_t max_depth = 32; ///< of JSON

    ReplyFormat format = ReplyFormat::automatic;
    std::uint8_t max_destinations = 1;     ///< so many a reply may name; further ones are not looked at
    bool is_always_ack = false;            ///< a body that can be read is an ACK, whatever it says
    bool has_own_keys = false;             ///< a form has other keys than `status`, `destination`, `callername`
    bool has_own_variables = false;        ///< of JSON, only the variables among `targets` are handed on
    bool points_into_a_list = false;       ///< JSON may be a list, since a pointer begins with an index
    std::vector<ReplyTarget> targets = {}; ///< one for each field that is read, the status first, then the variables

    /// Returns what a webhook without `reply` has.
    static const ReplyOptions& standard();

    /// Returns these options for replies that name up to `most` destinations, and then say how they are rung.
    ReplyOptions with_destinations(std::uint8_t most) const;

    bool operator==(const ReplyOptions&) const = default;
};

/// Returns whether a reply may hand on a variable of this name.
bool is_variable_name(std::string_view name);

/// Returns the key `name` of a form, and the member of that name in JSON, in any case.
ReplyTarget reply_key(ReplyField field, std::string_view name);

} // namespace dialhook
