#pragma once

#include <string>
#include <variant>
#include <vector>

namespace dialhook::dialplan {

/// `callername: { from: webhook }`: the reply's name; a reply without one leaves the name as it was.
struct NameFromWebhook
{
};
/// `callername: { prefix: … }`
struct NamePrefix
{
    std::string prefix;
};
/// `callername: { replace: … }`
struct NameReplacement
{
    std::string name;
};
/// `dial: "101"`
struct Dial
{
    std::string destination;
};
/// `dial: { destination: variable }`: the reply's destination.
struct DialVariable
{
};
/// Any other step, which the engine knows and the daemon does not: JSON text, made from the YAML when it was read.
struct EngineStep
{
    std::string json;
};

/// One step of a dialplan. No text in it holds a control character.
using Step = std::variant<NameFromWebhook, NamePrefix, NameReplacement, Dial, DialVariable, EngineStep>;
using Steps = std::vector<Step>;

} // namespace dialhook::dialplan
