#include "config/number_key.hpp"

#include "base/text.hpp"
#include "call/numbers.hpp"
#include "dialplan/key.hpp"
#include "dialplan/number_plan.hpp"

#include <string>

namespace dialhook::config {

std::string_view fault_of_number(std::string_view key)
{
    using dialplan::NumberPlan;
    if (key.empty() || key.size() > dialplan::max_key)
        return "expected the number that is called, 1 to 256 bytes";
    if (text::has_controls(key))
        return "the number holds a control character; remove it";
    const std::string number = Numbers().key(key);
    const bool is_sip =
        text::equals_ignoring_case(key.substr(0, 4), "sip:") || text::equals_ignoring_case(key.substr(0, 5), "sips:");
    if (NumberPlan::is_pattern(key) && (is_sip || !NumberPlan::is_pattern(number)))
        return "a pattern is the start of a number and a *, without sip: or tel: before it";
    if (number.empty())
        return "there is no number in it";
    return {};
}

} // namespace dialhook::config
