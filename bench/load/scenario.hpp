#pragma once

#include <string_view>

/// The one call that every system under test is asked about, again and again with another caller. The harness reads it
/// with `dialhook-bench --scenario`, so that configurations and checks cannot drift apart.
namespace dialhook::bench::scenario {

inline constexpr std::string_view webhook = "crm";
inline constexpr std::string_view did = "+31502102544";
inline constexpr std::string_view callername = "Jan Jansen";
inline constexpr std::string_view caller_prefix = "+316"; ///< eight digits of the call follow

/// Path and query of the webhook's URL template, and what Dialhook makes of it up to the caller's own digits and behind
/// them: a proxy is asked for the very target that Dialhook sends.
inline constexpr std::string_view url_template = "/crm?did={did}&callerid={callerid}&name={callername}";
inline constexpr std::string_view target_before_digits = "/crm?did=%2B31502102544&callerid=%2B316";
inline constexpr std::string_view target_after_digits = "&name=Jan%20Jansen";

/// What the web server replies, and what the decision has to hold because of it.
inline constexpr std::string_view reply = "status=ACK&destination=%2B31502102544&callername=VoysTelecom";
inline constexpr std::string_view reply_destination = "+31502102544";
inline constexpr std::string_view reply_callername = "VoysTelecom";

} // namespace dialhook::bench::scenario
