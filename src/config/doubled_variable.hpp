#pragma once

#include "webhook/variable.hpp"
#include "yaml/value.hpp"

#include <cstddef>
#include <optional>
#include <string_view>

/// `{{did}}` and `{{ did }}`: so Jinja, Twig and Mustache write a variable. In a template of ours that is the text
/// `{did}`.
namespace dialhook::config {

struct DoubledVariable
{
    std::size_t offset;
    std::size_t size;
    std::string_view name; ///< of any variable, with a form after it (`did:e164`)
};

/// Returns the first one at or after `from`, or nullopt.
std::optional<DoubledVariable> doubled_variable(std::string_view text, std::size_t from = 0,
                                                Vocabulary vocabulary = Vocabulary::call);

/// Warns of each in a template, and of variables as other programs write them: `$did`, `${did}`, `%did%`, `%{did}` and
/// `<did>`. Those of a URL are faults, since there such a sign can be escaped.
void warn_of_foreign_variables(const Value& value, std::string_view text, Vocabulary vocabulary = Vocabulary::call);

/// Warns of doubled ones alone.
void warn_of_doubled_variables(const Value& value, std::string_view text, Vocabulary vocabulary = Vocabulary::call);

} // namespace dialhook::config
