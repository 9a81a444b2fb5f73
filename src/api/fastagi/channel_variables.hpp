#pragma once

#include "api/fastagi/asked_channels.hpp"
#include "api/fastagi/channel.hpp"
#include "call/call.hpp"
#include "call/decision.hpp"
#include "webhook/webhook.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace dialhook::fastagi {

/// What Asterisk's dialplan and the next telephone see of a question: the variables `DIALHOOK_…` and `CALLERID()` of
/// its channel. On a channel that is gone nothing is set.
class ChannelVariables
{
public:
    ChannelVariables(Channel& channel, AskedChannels& asked_channels)
        : channel_(channel)
        , asked_channels_(asked_channels)
    {
    }

    /// Makes the call again what it was before an earlier question changed the channel. No other channel has
    /// `channel_id`, not even another Asterisk's.
    void take_back(Call& call, std::string channel_id);

    /// Keeps what this question left on the channel, for the next one.
    void remember();

    /// Returns the name that the call came with, as far as a telephone may show it.
    std::string_view own_name() const
    {
        return now_.presentation == Presentation::allowed ? now_.callername.view() : std::string_view();
    }

    net::Awaitable<void> set(std::string_view name, std::string_view value);

    /// Sets that the dialplan of `key` is followed, and that its end is not reached.
    net::Awaitable<void> begin_dialplan(std::string_view key);

    /// Sets all that a decision brings, and shows `callername` with the number that is forwarded.
    net::Awaitable<void> set_decision(const Decision& decision, const Call& call, ForwardedNumber forwarded,
                                      std::string_view callername);

    /// Empties `DIALHOOK_BRANCH`, and all else that an earlier question on this channel set.
    net::Awaitable<void> forget_question();

    /// Puts on the channel what the next telephone may show.
    net::Awaitable<void> show(const Call& call, ForwardedNumber forwarded, std::string_view callername);

    /// Shows another name, unless the caller is hidden.
    net::Awaitable<void> change_name(std::string_view name);

private:
    net::Awaitable<void> forget_variables();
    net::Awaitable<void> show_name(std::string_view name);
    net::Awaitable<void> show_number(std::string_view number);

    Channel& channel_;
    AskedChannels& asked_channels_;
    std::string channel_id_;
    std::optional<AskedChannel> before_; ///< what an earlier question on this channel left
    AskedChannel now_;                   ///< what this one leaves
    bool has_changed_channel_ = false;
};

} // namespace dialhook::fastagi
