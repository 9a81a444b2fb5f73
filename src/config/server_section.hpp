#pragma once

#include "config/configuration.hpp"
#include "config/key_table.hpp"
#include "config/shared_values.hpp"

#include <vector>

namespace dialhook::config {

using DnsServers = std::vector<boost::asio::ip::udp::endpoint>;

const KeyTable<ServerSettings>& server_keys();
const KeyTable<DnsServers>& dns_keys();
const KeyTable<LogSettings>& log_keys();
const KeyTable<MetricsSettings>& metrics_keys();

/// Reads the `server` section.
void read_server(const Value& value, ServerSettings& settings, SharedValues& shared, const Environment& environment);

} // namespace dialhook::config
