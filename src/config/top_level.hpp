#pragma once

#include "config/key_table.hpp"

#include <optional>

namespace dialhook::config {

/// The sections of a main file, found but not read yet: what `webhooks` mean depends on `defaults`, wherever they
/// stand.
struct MainSections
{
    std::optional<Value> server;
    std::optional<Value> egress;
    std::optional<Value> asterisk;
    std::optional<Value> defaults;
    std::optional<Value> include;
    std::optional<Value> vars;
    std::optional<Value> webhooks;
    std::optional<Value> notifications;
    std::optional<Value> dialplans;
};

/// The sections of an included file.
struct IncludedSections
{
    std::optional<Value> webhooks;
    std::optional<Value> notifications;
    std::optional<Value> dialplans;
};

const KeyTable<MainSections>& main_keys();
/// Returns all keys of a main file; those that may stand there alone are faults.
const KeyTable<IncludedSections>& included_keys();

} // namespace dialhook::config
