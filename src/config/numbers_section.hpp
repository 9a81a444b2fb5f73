#pragma once

#include "config/configuration.hpp"
#include "config/key_table.hpp"

namespace dialhook::config {

/// Returns the keys of `server.numbers`.
const KeyTable<NumberSettings>& number_keys();

/// Reads `server.numbers`, over the defaults that hold where the section is written.
NumberSettings read_numbers(const Value& value);

/// The forms of a number as a setting.
inline constexpr Choices<NumberForm, 4> number_forms{
    number_form_names, {NumberForm::as_is, NumberForm::e164, NumberForm::digits, NumberForm::national}};

} // namespace dialhook::config
