#pragma once

#include "api/fastagi/environment.hpp"
#include "call/call.hpp"
#include "dispatch/refused_requests.hpp"

#include <optional>
#include <string>
#include <string_view>

/// What the readers of `agi://` addresses share. Texts may hold any bytes: what is not UTF-8 is read as Windows-1252,
/// and what is too long is cut at a character.
namespace dialhook::fastagi {

using dispatch::Refused;

/// The address of an `AGI()` after its host: `webhook/crm?did=100`.
struct Address
{
    std::string_view path; ///< without a slash before it
    std::string_view query;

    static Address of(const AgiEnvironment& environment);

    /// Returns the first value of `name` in the query, decoded; nullopt if it is not there. A `+` is a plus: numbers
    /// begin with it.
    std::optional<std::string> value(std::string_view name) const;

    /// Calls `take` with each `name=value` of the query, as written.
    template <class Take>
    void for_each(Take take) const
    {
        for (std::string_view left = query; !left.empty();) {
            const std::string_view piece = left.substr(0, left.find('&'));
            left.remove_prefix(std::min(piece.size() + 1, left.size()));
            take(piece);
        }
    }
};

/// Returns what `written` decodes to, as much of it as a call may carry.
std::string decoded(std::string_view written);

/// Returns as much of `bytes` as a call may carry.
std::string fitted(std::string_view bytes);

/// Who calls, as the channel has it.
struct Caller
{
    std::string number;
    std::string name;
    Presentation presentation = Presentation::allowed;
};

/// Returns what the query says, and where it says nothing what the channel has.
Caller caller_of(const Address& address, const AgiEnvironment& environment);

/// Returns the query's parameters of which `is_own` says no, and the arguments of the form `name=value`.
CallVars vars_of(const Address& address, const AgiEnvironment& environment, bool (*is_own)(std::string_view name));

/// `did` is what is known of the number.
Refused refused(std::string_view why, const Address& address, std::string_view did, const AgiEnvironment& environment);

} // namespace dialhook::fastagi
