#include "events/words.hpp"

#include <algorithm>
#include <cstddef>

namespace dialhook::events {
namespace {

template <typename Value, std::size_t Count>
std::optional<Value> value_of(const std::array<std::string_view, Count>& names, std::string_view word)
{
    const auto found = std::ranges::find(names, word);
    if (found == names.end())
        return std::nullopt;
    return static_cast<Value>(found - names.begin());
}

} // namespace

std::string_view to_string(Kind kind)
{
    return kind_names[static_cast<std::size_t>(kind)];
}

std::string_view to_string(Direction direction)
{
    return direction_names[static_cast<std::size_t>(direction)];
}

std::string_view to_string(Transfer transfer)
{
    return transfer_names[static_cast<std::size_t>(transfer)];
}

std::string_view to_string(EndReason reason)
{
    return end_reason_names[static_cast<std::size_t>(reason)];
}

std::optional<Kind> kind_of(std::string_view word)
{
    return value_of<Kind>(kind_names, word);
}

std::optional<Direction> direction_of(std::string_view word)
{
    return value_of<Direction>(direction_names, word);
}

std::optional<Transfer> transfer_of(std::string_view word)
{
    return value_of<Transfer>(transfer_names, word);
}

std::optional<EndReason> end_reason_of(std::string_view word)
{
    return value_of<EndReason>(end_reason_names, word);
}

std::string_view voys_status(const CallEvent& event)
{
    switch (event.kind) {
    case Kind::created:
        return "created";
    case Kind::ringing:
        return "ringing";
    case Kind::answered:
        return "in-progress";
    case Kind::transferred:
        return event.facts.transfer == Transfer::attended ? "warm-transfer" : "cold-transfer";
    case Kind::ended:
        return "ended";
    }
    return {};
}

} // namespace dialhook::events
