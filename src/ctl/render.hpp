#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>

/// The daemon's answers as text for a person. Each function takes the `result` of a JSON-RPC answer and returns lines
/// that end in a line feed; text in it is made harmless. Keys that are missing are left out; a key of a wrong type
/// throws nlohmann's `type_error`.
namespace dialhook::ctl {

/// Renders any answer as one line of JSON, for programs. In ASCII, so that no text in it can reach a terminal as
/// anything but text.
[[nodiscard]] std::string render_json(const nlohmann::ordered_json& answer);

/// Renders a decision of `call.route`: branch and what decided it in the first line, then what the engine gets.
[[nodiscard]] std::string render_decision(const nlohmann::ordered_json& decision);

/// Steps that the engine runs before it comes back, and the question that it asks the caller.
[[nodiscard]] std::string render_run(const nlohmann::ordered_json& answer);
[[nodiscard]] std::string render_collect(const nlohmann::ordered_json& answer);

/// Renders what `try` brought: each request and its reply, the decision, and where the time went as a chart.
[[nodiscard]] std::string render_dry_run(const nlohmann::ordered_json& dry_run);

/// Renders a dialplan in words, both branches.
[[nodiscard]] std::string render_plan(const nlohmann::ordered_json& plan);

[[nodiscard]] std::string render_status(const nlohmann::ordered_json& status);
[[nodiscard]] std::string render_webhooks(const nlohmann::ordered_json& webhooks);
/// Renders one decision on one line.
[[nodiscard]] std::string render_past_decision(const nlohmann::ordered_json& decision);

/// Renders what the daemon does, and a line for each webhook.
[[nodiscard]] std::string render_top(const nlohmann::ordered_json& top);

/// Renders a line for each URL of each notification, and what is wrong with them.
[[nodiscard]] std::string render_notifications(const nlohmann::ordered_json& answer);

/// Renders a line for each delivery.
[[nodiscard]] std::string render_deliveries(const nlohmann::ordered_json& answer);

/// Renders what `test` brought: each request and its reply.
[[nodiscard]] std::string render_event_test(const nlohmann::ordered_json& test);

/// Renders what `check` found no fault in; its warnings are not in it.
[[nodiscard]] std::string render_check(const nlohmann::ordered_json& check);

[[nodiscard]] std::string render_reload(const nlohmann::ordered_json& reload);

/// Renders what a reload would change: of many names the first ones.
[[nodiscard]] std::string render_rehearsal(const nlohmann::ordered_json& rehearsal);

/// Returns `seconds` as an operator says it: `12 s`, `3 min 20 s`, `5 h 2 min`, `9 d 4 h`.
[[nodiscard]] std::string render_uptime(double seconds);

} // namespace dialhook::ctl
