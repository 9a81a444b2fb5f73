#pragma once

#include "config/value.hpp"

#include <dialhook/webhook/url_template.hpp>

#include <optional>

namespace dialhook::config {

/// A URL template. What is wrong with it is told without its user info, which may hold a password.
std::optional<UrlTemplate> read_url_template(const Value& value);

} // namespace dialhook::config
