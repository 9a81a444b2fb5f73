#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>

/// Parts of what `try` and `test` print.
namespace dialhook::ctl {

/// Returns a line with a name before it.
std::string row(std::string_view name, const std::string& text);

/// Returns a text, or another value as JSON, made harmless.
std::string harmless_text(const nlohmann::ordered_json& value);

/// Renders one request and what came back.
std::string render_exchange(const nlohmann::ordered_json& exchange);

} // namespace dialhook::ctl
