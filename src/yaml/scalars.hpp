#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

/// What a plain scalar is by the core schema of YAML 1.2.
namespace dialhook::config {

/// Returns whether it is empty, `~`, `null`, `Null` or `NULL`.
bool is_null(std::string_view plain);

/// Reads `true`, `True`, `TRUE` and the same of `false`; not `yes`, `on` and the like.
std::optional<bool> to_boolean(std::string_view plain);

/// Reads a decimal number with an optional sign, `0o` octal or `0x` hexadecimal; too large a number is the nearest one.
std::optional<std::int64_t> to_whole_number(std::string_view plain);

/// Returns whether it is a whole or a broken number.
bool is_number(std::string_view plain);

/// Reads octal digits, as `chmod` takes them: `0660`, `660`, and YAML 1.2's own `0o660`.
std::optional<std::uint32_t> to_octal(std::string_view text);

} // namespace dialhook::config
