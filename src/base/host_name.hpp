#pragma once

#include <string_view>

namespace dialhook {

/// What a host name may have beyond the letters, digits and inner dashes of RFC 1123.
enum class HostNames : unsigned char
{
    strict,      ///< nothing: the host of a SIP URI, which goes into a dialplan
    underscores, ///< as occur in practice: a rule on egress
    as_resolved  ///< underscores, and dashes at the ends of a label: whatever DNS may know the host of a URL by
};

/// Returns whether `host` is a name of labels (1 to 63 bytes each, 253 together) with dots between them; one dot may
/// end it. An IPv4 address is such a name, too. Letters are ASCII, in any case.
bool is_host_name(std::string_view host, HostNames form);

/// Returns whether resolvers could take `name` for an IPv4 address in one of its old forms, since its last label is a
/// number: `2130706433`, `0x7f.1`, `0177.0.0.1`, `127.1.`.
bool ends_in_a_number(std::string_view name);

} // namespace dialhook
