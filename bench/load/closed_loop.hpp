#pragma once

#include "connections.hpp"
#include "loop.hpp"

#include <cstdint>
#include <filesystem>

namespace dialhook::bench {

/// Keeps a fixed number of calls under way: each answer lets the next call start, as calls queue up at a PBX that is
/// busy all the time.
class ClosedLoop final : public Loop
{
public:
    ClosedLoop(const Protocol& protocol, const std::filesystem::path& socket, Shape shape);

    void run(const Limit& limit, Outcome& outcome) override;

private:
    Connections connections_;
    std::uint64_t next_call_ = 1;
};

} // namespace dialhook::bench
