#pragma once

#include "config/key_table.hpp"
#include "egress/proxy.hpp"
#include "egress/rules.hpp"

#include <memory>
#include <vector>

namespace dialhook::config {

/// What the `egress` section says, before it becomes `egress::Rules`.
struct EgressLists
{
    std::vector<egress::Entry> allow;
    std::vector<egress::Entry> deny;
    std::shared_ptr<const egress::Proxy> proxy;
};

const KeyTable<EgressLists>& egress_keys();

} // namespace dialhook::config
