#pragma once

#include "outcome.hpp"

namespace dialhook::bench {

/// Decides when calls start.
class Loop
{
public:
    virtual ~Loop() = default;

    /// Starts calls until `limit` is reached, then waits until the last one is answered: before and after, the system
    /// under test has nothing to do. Enters what it sees in `outcome`, also when it is broken off by an exception.
    virtual void run(const Limit& limit, Outcome& outcome) = 0;
};

} // namespace dialhook::bench
