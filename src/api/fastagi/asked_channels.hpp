#pragma once

#include "call/call.hpp"

#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace dialhook::fastagi {

/// What a question changed on a channel of Asterisk, for the next one on the same channel: without it, the second
/// webhook would be asked with the name that the first one gave, and its NAK would stand beside the first one's
/// variables.
struct AskedChannel
{
    CallText callerid; ///< as the channel came
    CallerName callername;
    Presentation presentation = Presentation::allowed;

    std::string shown_number; ///< as the question left them
    std::string shown_name;
    Presentation shown_presentation = Presentation::allowed;
    std::vector<std::string> variables; ///< channel variables that hold a reply's keys

    /// Makes what the channel shows now what it came with, where it is still what the question left.
    void take_back(CallText& number, CallerName& name, Presentation& presentation_now) const;
};

/// The channels that asked last, by what tells one from all others. Shared by all threads, since the next question may
/// come in on any; the oldest are forgotten, and all of them at a restart.
class AskedChannels
{
public:
    static constexpr std::size_t max_channels = 4096;

    void remember(const std::string& channel_id, AskedChannel channel);
    std::optional<AskedChannel> find(const std::string& channel_id) const;

private:
    mutable std::mutex mutex_;
    std::unordered_map<std::string, AskedChannel> channels_;
    std::deque<std::string> order_; ///< of arrival
};

} // namespace dialhook::fastagi
