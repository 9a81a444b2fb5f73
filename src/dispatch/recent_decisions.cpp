#include <dialhook/call/text.hpp>
#include <dialhook/dispatch/recent_decisions.hpp>

#include <algorithm>
#include <cstring>
#include <string_view>

namespace dialhook::dispatch {
namespace {

/// So many bytes of each text, in the order in which they stand in a slot.
enum Text : unsigned char
{
    call_id,
    dialplan,
    webhook,
    did,
    callerid,
    callername,
    destination,
    detail,
    text_count
};
constexpr std::array<std::size_t, text_count> longest{64, 32, 64, 48, 48, 80, 64, 160};
constexpr std::uint8_t none = 0xFF;

/// What is in front of the texts.
struct Head
{
    std::int64_t at_ns = 0; ///< since 1970
    net::Timing::Duration elapsed{};
    net::Timing timing;
    std::uint16_t http_status = 0; ///< 0: none
    std::uint8_t reason = none;
    std::uint8_t status = none;
    Source source = Source::none;
    std::uint8_t retries = 0;
    std::uint8_t redirects = 0;
    std::array<std::uint8_t, text_count> lengths{};
};

std::uint8_t small(unsigned count)
{
    return static_cast<std::uint8_t>(std::min(count, 255U));
}

Head head_of(const Fired* fired)
{
    Head head;
    head.at_ns = std::chrono::nanoseconds(std::chrono::system_clock::now().time_since_epoch()).count();
    if (fired == nullptr)
        return head;
    const Decision& decision = fired->decision;
    head.elapsed = fired->elapsed;
    head.timing = fired->timing;
    head.http_status = static_cast<std::uint16_t>(decision.http_status.value_or(0));
    if (decision.reason())
        head.reason = static_cast<std::uint8_t>(*decision.reason());
    if (decision.status)
        head.status = static_cast<std::uint8_t>(*decision.status);
    head.source = decision.source;
    head.retries = small(fired->retries);
    head.redirects = small(fired->redirects);
    return head;
}

PastDecision past_decision(std::uint64_t number, const Head& head, std::string_view texts)
{
    PastDecision past;
    past.number = number;
    past.at = std::chrono::system_clock::time_point(std::chrono::nanoseconds(head.at_ns));
    if (head.reason != none)
        past.reason = static_cast<Reason>(head.reason);
    past.branch = past.reason ? Branch::failure : Branch::success;
    if (head.status != none)
        past.status = static_cast<Status>(head.status);
    if (head.http_status != 0)
        past.http_status = head.http_status;
    past.source = head.source;
    past.retries = head.retries;
    past.redirects = head.redirects;
    past.elapsed = std::chrono::duration_cast<std::chrono::microseconds>(head.elapsed);
    for (std::size_t phase = 0; phase < past.phases.size(); ++phase)
        past.phases[phase] =
            std::chrono::duration_cast<std::chrono::microseconds>(head.timing[static_cast<net::Phase>(phase)]);
    const std::array<std::string*, text_count> targets{&past.call_id,     &past.dialplan, &past.webhook,
                                                       &past.did,         &past.callerid, &past.callername,
                                                       &past.destination, &past.detail};
    for (std::size_t text = 0; text < targets.size(); ++text) {
        *targets[text] = texts.substr(0, head.lengths[text]);
        texts.remove_prefix(head.lengths[text]);
    }
    return past;
}

} // namespace

void RecentDecisions::add(const RoutedCall& routed)
{
    const Fired* const fired = routed.fired;
    const Call& call = routed.call;
    const bool dials = fired != nullptr && fired->decision.destination;
    const std::array<std::string_view, text_count> texts{
        call.call_id.view(),
        routed.dialplan,
        routed.webhook,
        call.did.view(),
        call.callerid.view(),
        routed.callername,
        dials ? std::string_view(fired->decision.destination->str()) : std::string_view(),
        fired != nullptr ? std::string_view(fired->decision.detail) : std::string_view()};

    Head head = head_of(fired);
    Words content; // NOLINT(cppcoreguidelines-pro-type-member-init): only what was written is stored
    static_assert(sizeof(Head) + 64 + 32 + 64 + 48 + 48 + 80 + 64 + 160 <= sizeof(Words));
    char* const begin = reinterpret_cast<char*>(content.data());
    char* end = begin + sizeof(Head);
    for (std::size_t index = 0; index < texts.size(); ++index) {
        std::string_view text = texts[index];
        if (text.size() > longest[index])
            text = text::first_bytes(text, longest[index]);
        head.lengths[index] = static_cast<std::uint8_t>(text.size());
        end = std::copy(text.begin(), text.end(), end);
    }
    std::memcpy(begin, &head, sizeof head);
    std::fill(end, begin + (end - begin + 7) / 8 * 8, '\0');

    const std::uint64_t number = added_.load(std::memory_order_relaxed) + 1;
    Slot& slot = slots_[number % capacity];
    slot.number.store(0, std::memory_order_relaxed);
    for (std::size_t word = 0; word < static_cast<std::size_t>(end - begin + 7) / 8; ++word)
        slot.content[word].store(content[word], std::memory_order_release);
    slot.number.store(number, std::memory_order_release);
    added_.store(number, std::memory_order_release);
}

std::vector<PastDecision> RecentDecisions::since(std::uint64_t after) const
{
    std::vector<PastDecision> found;
    const std::uint64_t last = latest();
    const std::uint64_t oldest = last > capacity ? last - capacity : 0;
    for (std::uint64_t number = std::max(after, oldest) + 1; number <= last; ++number) {
        const Slot& slot = slots_[number % capacity];
        if (slot.number.load(std::memory_order_acquire) != number)
            continue;
        Words content; // NOLINT(cppcoreguidelines-pro-type-member-init): filled by the next lines
        for (std::size_t word = 0; word < content.size(); ++word)
            content[word] = slot.content[word].load(std::memory_order_acquire);
        if (slot.number.load(std::memory_order_relaxed) != number)
            continue; // it was overwritten meanwhile
        Head head;
        std::memcpy(static_cast<void*>(&head), content.data(), sizeof head);
        found.push_back(past_decision(
            number, head, {reinterpret_cast<const char*>(content.data()) + sizeof head, sizeof content - sizeof head}));
    }
    return found;
}

} // namespace dialhook::dispatch
