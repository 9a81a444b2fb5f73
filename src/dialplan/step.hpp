#pragma once

#include "call/ringing.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace dialhook::dialplan {

/// `callername: { from: webhook }`: the reply's name; a reply without one leaves the name as it was.
struct NameFromWebhook
{
    bool operator==(const NameFromWebhook&) const = default;
};
/// `callername: { prefix: … }`
struct NamePrefix
{
    std::string prefix;

    bool operator==(const NamePrefix&) const = default;
};
/// `callername: { replace: … }`
struct NameReplacement
{
    std::string name;

    bool operator==(const NameReplacement&) const = default;
};
/// `dial: "101"`
struct Dial
{
    std::string destination;

    bool operator==(const Dial&) const = default;
};
/// `dial: { to: ["101", "102"], strategy: sequential, ring: 20s }`
struct DialGroup
{
    std::vector<std::string> to; ///< never none
    RingStrategy strategy = RingStrategy::parallel;
    std::optional<std::chrono::seconds> ring; ///< of each, or of all together; none: as long as the PBX lets them

    bool operator==(const DialGroup&) const = default;
};
/// `dial: { destination: variable }`: the reply's destination, or destinations.
struct DialVariable
{
    std::optional<std::chrono::seconds> ring = {}; ///< where the reply has none

    bool operator==(const DialVariable&) const = default;
};
/// Any other step, which the engine knows and the daemon does not: JSON text, made from the YAML when it was read.
struct EngineStep
{
    std::string json;

    bool operator==(const EngineStep&) const = default;
};

/// One step of a dialplan. No text in it holds a control character.
using Step = std::variant<NameFromWebhook, NamePrefix, NameReplacement, Dial, DialGroup, DialVariable, EngineStep>;
using Steps = std::vector<Step>;

} // namespace dialhook::dialplan
