#include "decisions/record.hpp"

#include "base/text.hpp"

#include <cstring>

namespace dialhook::dispatch {

log::Level level_of(std::optional<Reason> reason)
{
    const bool was_answered = !reason || reason == Reason::nak || reason == Reason::err ||
                              reason == Reason::ivr_attempts || reason == Reason::ivr_timeout;
    return was_answered ? log::Level::info : log::Level::warning;
}

namespace {

/// Returns as many of several destinations as fit whole, with commas between them.
std::string joined(const std::vector<Destination>& destinations, std::size_t max_bytes)
{
    constexpr std::string_view more = ", …";
    std::string text;
    for (const Destination& destination : destinations) {
        const std::string_view comma = text.empty() ? "" : ", ";
        const bool is_last = &destination == &destinations.back();
        if (text.size() + comma.size() + destination.str().size() + (is_last ? 0 : more.size()) > max_bytes)
            return text.empty() ? destinations.front().str() : text.append(more);
        text.append(comma).append(destination.str());
    }
    return text;
}

} // namespace

// NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): of the texts only what was written is read
DecisionRecord::DecisionRecord(const RoutedCall& routed, bool is_logged, bool is_masked)
    : retries_(0)
    , number_(0)
    , logged_(0)
    , at_ns_(std::chrono::nanoseconds(std::chrono::system_clock::now().time_since_epoch()).count())
    , elapsed_()
    , trace_(routed.call.trace)
    , redirects_(0)
    , http_status_(0)
    , reason_(none)
    , status_(none)
    , source_(Source::none)
    , is_dispatched_(routed.result != nullptr)
    , is_logged_(is_logged)
    , is_masked_(is_masked)
{
    std::string_view dials;
    std::string several;
    std::string_view explanation;
    if (const DispatchResult* const result = routed.result) {
        const Decision& decision = result->decision;
        retries_ = result->retries;
        elapsed_ = result->elapsed;
        timing_ = result->timing;
        if (result->trace.is_known())
            trace_ = result->trace;
        redirects_ = result->redirects;
        http_status_ = static_cast<std::uint16_t>(decision.http_status.value_or(0));
        if (decision.reason())
            reason_ = static_cast<std::uint8_t>(*decision.reason());
        if (decision.status)
            status_ = static_cast<std::uint8_t>(*decision.status);
        source_ = decision.source;
        if (decision.destination)
            dials = decision.destination->str();
        if (decision.ringing != nullptr && decision.ringing->destinations.size() > 1)
            dials = several = joined(decision.ringing->destinations, longest[destination]);
        explanation = decision.detail;
    }
    const Call& call = routed.call;
    const std::array<std::string_view, text_count> texts{
        call.call_id.view(),  routed.dialplan,   routed.webhook, call.did.view(),
        call.callerid.view(), routed.callername, dials,          explanation};
    char* end = texts_.data();
    for (std::size_t index = 0; index < texts.size(); ++index) {
        std::string_view text = texts[index];
        if (text.size() > longest[index])
            text = text::first_bytes(text, longest[index]);
        sizes_[index] = static_cast<std::uint16_t>(text.size());
        if (!text.empty()) // memcpy takes no null, even for nothing
            std::memcpy(end, text.data(), text.size());
        end += text.size();
    }
    const auto bytes = static_cast<std::size_t>(end - reinterpret_cast<const char*>(this));
    words_ = static_cast<std::uint32_t>((bytes + 7) / 8);
    std::memset(end, 0, words_ * std::size_t{8} - bytes);
}

std::string_view DecisionRecord::text(Text which) const
{
    std::size_t start = 0;
    for (std::size_t before = 0; before < which; ++before)
        start += sizes_[before];
    return {texts_.data() + start, sizes_[which]};
}

std::string_view DecisionRecord::first_destination() const
{
    const std::string_view all = text(destination);
    return all.substr(0, all.find(','));
}

std::string_view DecisionRecord::destinations() const
{
    const std::string_view all = text(destination);
    return all.find(',') == std::string_view::npos ? std::string_view() : all;
}

} // namespace dialhook::dispatch
