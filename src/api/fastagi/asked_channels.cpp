#include "api/fastagi/asked_channels.hpp"

#include <utility>

namespace dialhook::fastagi {

void AskedChannel::take_back(CallText& number, CallerName& name, Presentation& presentation_now) const
{
    if (number.str() == shown_number)
        number = callerid;
    if (name.str() == shown_name)
        name = callername;
    if (presentation_now == shown_presentation)
        presentation_now = presentation;
}

void AskedChannels::remember(const std::string& channel_id, AskedChannel channel)
{
    const std::lock_guard lock(mutex_);
    const bool is_new = channels_.insert_or_assign(channel_id, std::move(channel)).second;
    if (!is_new)
        return;
    order_.push_back(channel_id);
    if (order_.size() > max_channels) {
        channels_.erase(order_.front());
        order_.pop_front();
    }
}

std::optional<AskedChannel> AskedChannels::find(const std::string& channel_id) const
{
    const std::lock_guard lock(mutex_);
    const auto found = channels_.find(channel_id);
    return found == channels_.end() ? std::nullopt : std::optional(found->second);
}

} // namespace dialhook::fastagi
