#include "base/host_name.hpp"

#include "base/ascii.hpp"

#include <algorithm>
#include <cstddef>

namespace dialhook {
namespace {

// RFC 1035, 2.3.4
constexpr std::size_t max_label = 63;
constexpr std::size_t max_name = 253;

bool is_label(std::string_view label, HostNames form)
{
    const auto may_stand = [form](char byte) {
        return ascii::is_alphanumeric(byte) || byte == '-' || (byte == '_' && form != HostNames::strict);
    };
    if (label.empty() || label.size() > max_label || !std::all_of(label.begin(), label.end(), may_stand))
        return false;
    return form == HostNames::as_resolved || (label.front() != '-' && label.back() != '-');
}

} // namespace

bool is_host_name(std::string_view host, HostNames form)
{
    if (host.ends_with('.'))
        host.remove_suffix(1);
    if (host.size() > max_name)
        return false;
    while (true) {
        const std::string_view label = host.substr(0, host.find('.'));
        if (!is_label(label, form))
            return false;
        if (label.size() == host.size())
            return true;
        host.remove_prefix(label.size() + 1);
    }
}

bool ends_in_a_number(std::string_view name)
{
    if (name.ends_with('.'))
        name.remove_suffix(1);
    const std::string_view last = name.substr(name.rfind('.') + 1);
    return last.starts_with("0x") || last.starts_with("0X") || std::all_of(last.begin(), last.end(), ascii::is_digit);
}

} // namespace dialhook
