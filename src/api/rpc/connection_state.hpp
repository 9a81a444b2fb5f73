#pragma once

namespace dialhook::rpc {

/// How far the connection of an engine has come.
enum class State : unsigned char
{
    reading,   ///< requests are read
    paused,    ///< none is read until the engine has read its answers
    finishing, ///< no further request comes or is taken; those that came get their answers
    gone       ///< nothing is read or written any more
};

/// What happens on it.
enum class ConnectionEvent : unsigned char
{
    backlog_full,   ///< too much waits for the engine, or is held by its calls
    backlog_low,    ///< and no longer
    input_ended,    ///< the engine's end, a stop, or a line that is too long
    all_answered,   ///< no call is under way, and no answer unwritten
    connection_lost ///< the engine hung up, or has to go
};

/// Returns the state after `event`; the same one if it waits for none of the kind.
constexpr State after(State state, ConnectionEvent event)
{
    switch (event) {
    case ConnectionEvent::backlog_full:
        return state == State::reading ? State::paused : state;
    case ConnectionEvent::backlog_low:
        return state == State::paused ? State::reading : state;
    case ConnectionEvent::input_ended:
        return state == State::reading || state == State::paused ? State::finishing : state;
    case ConnectionEvent::all_answered:
        return state == State::finishing ? State::gone : state;
    case ConnectionEvent::connection_lost:
        return State::gone;
    }
    return state;
}

/// Returns whether the end of the peer's reading side ends the connection. While requests are read, what lies before
/// the end is read first.
constexpr bool watches_for_hangup(State state)
{
    return state == State::paused || state == State::finishing;
}

} // namespace dialhook::rpc
