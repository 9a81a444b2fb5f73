#pragma once

#include "config/key_table.hpp"

#include <dialhook/egress/rules.hpp>

#include <vector>

namespace dialhook::config {

/// What the `egress` section says, before it becomes `egress::Rules`.
struct EgressLists
{
    std::vector<egress::Entry> allow;
    std::vector<egress::Entry> deny;
};

const KeyTable<EgressLists>& egress_keys();

} // namespace dialhook::config
