#include "api/fastagi/ring_variables.hpp"

#include "api/fastagi/command.hpp"

namespace dialhook::fastagi {
namespace {

/// Room for `SET VARIABLE "DIALHOOK_DESTINATIONS" "…"`: a destination that was cut would be another number.
constexpr std::size_t max_joined = Command::max_bytes - 64;

std::string joined(const std::vector<Destination>& destinations)
{
    std::string text;
    for (const Destination& destination : destinations) {
        if (text.size() + 1 + destination.str().size() > max_joined)
            break;
        text.append(text.empty() ? "" : "&").append(destination.str());
    }
    return text;
}

} // namespace

std::vector<std::pair<std::string_view, std::string>> ring_variables(const Ringing* ringing)
{
    if (ringing == nullptr)
        return {};
    return {{"DIALHOOK_DESTINATIONS", joined(ringing->destinations)},
            {"DIALHOOK_STRATEGY", std::string(to_string(ringing->strategy))},
            {"DIALHOOK_RING", ringing->ring ? std::to_string(ringing->ring->count()) : std::string()}};
}

} // namespace dialhook::fastagi
