#pragma once

#include "webhook/variable.hpp"

#include <cstddef>
#include <optional>
#include <string_view>

namespace dialhook {

/// A variable as another program writes it: `$did`, `%did%` or `<did>`.
struct ForeignVariable
{
    std::size_t size;
    std::string_view name;
};

/// Returns the one that `text` starts with, or nullopt.
std::optional<ForeignVariable> foreign_variable_at_start(std::string_view text, Vocabulary vocabulary);

} // namespace dialhook
