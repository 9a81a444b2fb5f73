#pragma once

#include "webhook/url_template.hpp"
#include "yaml/value.hpp"

#include <optional>
#include <span>
#include <string>

namespace dialhook::config {

/// A URL template; `vars` are the names that may follow `var.`. Errors do not show its user info,
/// which may hold a password.
std::optional<UrlTemplate> read_url_template(const Value& value, std::span<const std::string> vars);

} // namespace dialhook::config
