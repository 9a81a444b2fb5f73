#include "webhook/origin.hpp"

namespace dialhook {

std::string Origin::authority() const
{
    const bool is_ipv6 = host.find(':') != std::string::npos;
    std::string text = is_ipv6 ? "[" + host + "]" : host;
    if (port != (https ? 443 : 80))
        text += ":" + std::to_string(port);
    return text;
}

} // namespace dialhook
