#pragma once

#include "call/call.hpp"
#include "events/ledger.hpp"

#include <optional>
#include <string>
#include <string_view>

/// How facts and calls are written into the spool's file: JSON without what is not known, in one line. What a newer
/// version wrote besides is left alone.
namespace dialhook::spool {

std::string stored(const events::Facts& facts);
/// Writes the facts of a call, and its first DID beside them where that is another than theirs.
std::string stored(const events::CallRecord& record);
std::string stored(const Call& call);

/// Each returns nullopt if `json` is not what `stored` writes.
std::optional<events::Facts> facts_of(std::string_view json);
std::optional<Call> call_of(std::string_view json);

/// Returns the first DID out of what `stored` wrote of a record whose facts are `facts`.
CallText first_did_of(std::string_view json, const events::Facts& facts);

/// Returns what `stored` wrote with `***` for each number, name and variable.
std::string masked(std::string_view json);

/// Returns whether nothing but `***` is left of what `masked` masks.
bool is_masked(std::string_view json);

} // namespace dialhook::spool
