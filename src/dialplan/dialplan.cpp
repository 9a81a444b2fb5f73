#include "dialplan/dialplan.hpp"

#include <algorithm>

namespace dialhook::dialplan {

bool WebhookStep::needs_destination() const
{
    return std::ranges::any_of(on_success, [](const Step& step) { return std::holds_alternative<DialVariable>(step); });
}

} // namespace dialhook::dialplan
