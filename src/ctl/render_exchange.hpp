#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>

/// Parts of what `try` and `test` print.
namespace dialhook::ctl {

/// A line with a name before it.
std::string row(std::string_view name, const std::string& text);

/// A text, or another value as JSON, made harmless.
std::string harmless_text(const nlohmann::ordered_json& value);

/// One request and what came back.
std::string render_exchange(const nlohmann::ordered_json& exchange);

} // namespace dialhook::ctl
