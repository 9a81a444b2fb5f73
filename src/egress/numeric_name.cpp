#include "egress/numeric_name.hpp"

#include "base/ascii.hpp"

#include <algorithm>

namespace dialhook::egress {

bool ends_in_a_number(std::string_view name)
{
    if (name.ends_with('.'))
        name.remove_suffix(1);
    const std::string_view last = name.substr(name.rfind('.') + 1);
    return last.starts_with("0x") || std::all_of(last.begin(), last.end(), ascii::is_digit);
}

} // namespace dialhook::egress
