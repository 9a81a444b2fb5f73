#pragma once

#include "api/fastagi/channel.hpp"
#include "call/code.hpp"
#include "log/log.hpp"
#include "webhook/ivr.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace dialhook::fastagi {

/// What came of asking the caller for a code.
struct Entered
{
    enum class How : unsigned char
    {
        code, ///< which may be empty: the terminator alone
        silence,
        gone
    };

    How how;
    Code code; ///< without the terminator
};

/// Asks the caller on a channel for codes. Keys typed during a message count.
class Digits
{
public:
    Digits(Channel& channel, const Ivr& ivr, log::Log& log)
        : channel_(channel)
        , ivr_(ivr)
        , log_(log)
    {
    }

    /// Plays the audio file `message`, then collects.
    net::Awaitable<Entered> ask(std::string_view message);

private:
    net::Awaitable<Entered> ask_by_get_data(std::string_view message);
    net::Awaitable<Entered> ask_key_by_key(std::string_view message);
    net::Awaitable<Entered> collect(std::string keys);
    net::Awaitable<bool> is_alive();
    net::Awaitable<std::optional<char>> key_after_full_code();

    Channel& channel_;
    const Ivr& ivr_;
    log::Log& log_;
    bool was_full_ = false; ///< the last code ended by its length: its terminator may still come
};

/// Plays an audio file to its end. A file that cannot be played is logged and passed over.
net::Awaitable<void> play(Channel& channel, std::string_view file, log::Log& log);

} // namespace dialhook::fastagi
