#pragma once

#include "webhook/body_fields.hpp"
#include "yaml/value.hpp"

#include <span>
#include <string>
#include <string_view>

namespace dialhook::config {

/// Reads `fields` of a webhook or a notification, whose templates have the variables of `vocabulary`; `vars` are the
/// names that may follow `var.` in them.
BodyFields read_fields(const Value& value, std::span<const std::string> vars, Vocabulary vocabulary = Vocabulary::call);

/// Reports what stands in `fields`, whose value is `value`, and cannot be sent in a form: objects and lists.
void check_form_fields(const Value& value);

/// Returns the JSON Schema of `fields`.
std::string_view fields_schema();

} // namespace dialhook::config
