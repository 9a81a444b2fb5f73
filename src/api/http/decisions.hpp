#pragma once

#include "api/http/sources.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace dialhook::status {

/// Position of a reader, for each worker.
using Cursor = std::vector<std::uint64_t>;

/// Returns up to where decisions were made.
Cursor latest(const Sources& sources);

struct DecisionsRead
{
    nlohmann::ordered_json decisions; ///< a list, the oldest first; docs/control-socket.md has the keys
    std::uint64_t dropped = 0;        ///< overwritten before they were read
    Cursor cursor;                    ///< to go on from
};

/// Returns the decisions after `cursor`, the last `limit` of them; with `webhook` only its own. `redact` of the
/// configuration masks numbers and names.
DecisionsRead read_decisions(const Sources& sources, const Cursor& cursor, std::string_view webhook, std::size_t limit);

} // namespace dialhook::status
