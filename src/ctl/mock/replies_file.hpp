#pragma once

#include "ctl/mock/rules.hpp"

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace dialhook::mock {

/// What is wrong with a replies file, each as `file:line:column: text`; harmless.
using FileErrors = std::vector<std::string>;

/// Reads the YAML text of a replies file, which docs/webhook-authors.md describes. `name` stands in the errors. All
/// errors of one run are found, but nothing after an error in the YAML itself.
[[nodiscard]] std::variant<ReplyRules, FileErrors> read_replies(std::string_view yaml, const std::string& name);

/// Returns the rules that are played without a file: those of config/mock-replies.yaml when this was built.
[[nodiscard]] std::string_view built_in_replies();

} // namespace dialhook::mock
