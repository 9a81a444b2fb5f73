#include "call/code.hpp"

#include <algorithm>

namespace dialhook {

bool Code::is_key(char character)
{
    return (character >= '0' && character <= '9') || (character >= 'A' && character <= 'D') || character == '*' ||
           character == '#';
}

std::optional<Code> Code::from(std::string_view text)
{
    if (!std::ranges::all_of(text, is_key))
        return std::nullopt;
    return Code(std::string(text));
}

} // namespace dialhook
