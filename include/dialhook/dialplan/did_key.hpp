#pragma once

#include <string>
#include <string_view>

namespace dialhook::dialplan {

/// The number by which a dialplan is looked up for `did`, as an engine or an administrator wrote it.
///
/// A `tel:` URI (RFC 3966) is reduced to its number without visual separators, a `sip:` or `sips:` URI (RFC 3261) to
/// its user without password and parameters, percent-decoded. `international_prefix` (such as `00`; empty: none) at
/// the start is read as `+`. Everything else stays as it is written.
std::string did_key(std::string_view did, std::string_view international_prefix);

} // namespace dialhook::dialplan
