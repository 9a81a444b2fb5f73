#pragma once

#include "call/call_vars.hpp"
#include "call/numbers.hpp"

#include <boost/system/result.hpp>

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace dialhook {

/// A placeholder of a template, written `{did}` and so on.
enum class Variable : unsigned char
{
    code,
    did,
    callerid,
    callername,
    call_id,
    presentation,
    // of events alone
    event,
    seq,
    at,
    direction,
    targets,
    answered_by,
    transferred_by,
    transfer,
    reason
};

inline constexpr std::array<std::string_view, 15> variable_names{
    "code", "did",       "callerid", "callername",  "call_id",        "presentation", "event", "seq",
    "at",   "direction", "targets",  "answered_by", "transferred_by", "transfer",     "reason"};

constexpr std::string_view to_string(Variable variable)
{
    return variable_names[static_cast<std::size_t>(variable)];
}

/// What a template is expanded for, which decides which variables may stand in it.
enum class Vocabulary : unsigned char
{
    call, ///< the call of a webhook
    event ///< an event of a call, as notifications tell it: no `code`
};

constexpr std::span<const std::string_view> names_of(Vocabulary vocabulary)
{
    constexpr std::size_t of_calls = static_cast<std::size_t>(Variable::presentation) + 1;
    const std::span<const std::string_view> all(variable_names);
    return vocabulary == Vocabulary::call ? all.first(of_calls) : all.subspan(1);
}

/// Returns whether `variable` takes a form: `{did:e164}`.
constexpr bool is_number(Variable variable)
{
    return variable == Variable::did || variable == Variable::callerid;
}

/// The values of one dispatch by `Variable`; an empty one expands to nothing. Views into the dispatch.
class VariableValues
{
public:
    std::string_view& operator[](Variable variable) { return values_[static_cast<std::size_t>(variable)]; }
    std::string_view operator[](Variable variable) const { return values_[static_cast<std::size_t>(variable)]; }

    /// Returns whether `{variable}` is not its value as it stands.
    bool is_sent_in_form(Variable variable) const { return send != NumberForm::as_is && is_number(variable); }

    /// Returns `{variable:form}`.
    std::string in_form(Variable variable, NumberForm form) const;

    /// Returns the value of `{var.NAME}`.
    std::string_view var(std::string_view name) const;

    NumberForm send = NumberForm::as_is; ///< of numbers without a form of their own
    const Numbers* numbers = nullptr;    ///< null: none are known
    const CallVars* vars = nullptr;      ///< null: none

private:
    std::array<std::string_view, variable_names.size()> values_{};
};

/// What stands between two braces.
struct Placeholder
{
    Variable variable = Variable::code;
    std::optional<NumberForm> form = {}; ///< `{did:e164}`
    std::string_view var = {};           ///< `{var.NAME}`: the name; empty: `variable` is meant
};

/// Reads what stands between two braces; `declared` are the names that may follow `var.`. The fault is a sentence.
boost::system::result<Placeholder, std::string> read_placeholder(std::string_view written,
                                                                 std::span<const std::string> declared,
                                                                 Vocabulary vocabulary = Vocabulary::call);

} // namespace dialhook
