#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace dialhook {

/// A placeholder of a URL template, written `{did}` and so on.
enum class Variable : unsigned char
{
    code,
    did,
    callerid,
    callername,
    call_id
};

inline constexpr std::array<std::string_view, 5> variable_names{"code", "did", "callerid", "callername", "call_id"};

constexpr std::string_view to_string(Variable variable)
{
    return variable_names[static_cast<std::size_t>(variable)];
}

/// The values of one firing by `Variable`; an empty one expands to nothing.
class VariableValues
{
public:
    std::string_view& operator[](Variable variable) { return values_[static_cast<std::size_t>(variable)]; }
    std::string_view operator[](Variable variable) const { return values_[static_cast<std::size_t>(variable)]; }

private:
    std::array<std::string_view, variable_names.size()> values_{};
};

} // namespace dialhook
