#include "dispatch/refused_requests.hpp"

#include "base/ascii.hpp"
#include "base/text.hpp"
#include "call/rpc_error.hpp"
#include "dispatch/nearest_name.hpp"

#include <algorithm>
#include <array>
#include <tuple>

namespace dialhook::dispatch {
namespace {

constexpr std::size_t max_shown = 64;
constexpr std::string_view mask = "***";

std::string key_of(const Refused& refused)
{
    std::string key = std::to_string(refused.code);
    key.append(1, '\0').append(refused.name).append(1, '\0');
    // A name that is unknown is the whole fault; else there are many faults in requests for one name.
    const bool has_many_faults =
        refused.named == Refused::Named::nothing || refused.code == number_of(RpcError::invalid_params);
    return has_many_faults ? key + refused.why : key;
}

/// Replaces what may be a telephone number: six digits and more, with what people write between them.
std::string without_numbers(std::string_view text)
{
    constexpr std::size_t min_digits = 6;
    constexpr std::string_view between = " -./()";
    std::string result;
    for (std::size_t at = 0; at < text.size();) {
        std::size_t digits = 0;
        std::size_t end = at;
        for (std::size_t next = at; next < text.size(); ++next) {
            if (ascii::is_digit(text[next])) {
                ++digits;
                end = next + 1;
            } else if (digits == 0 || between.find(text[next]) == std::string_view::npos) {
                break;
            }
        }
        if (digits >= min_digits)
            result += mask;
        else
            result += text.substr(at, std::max<std::size_t>(end - at, 1));
        at = std::max(end, at + 1);
    }
    return result;
}

} // namespace

std::string_view to_string(Refused::Named named)
{
    constexpr std::array<std::string_view, 5> words{"", "webhook", "did", "method", "address"};
    return words[static_cast<std::size_t>(named)];
}

std::string Refused::cut(std::string_view name)
{
    std::string shown(text::first_bytes(name, max_shown));
    if (shown.size() != name.size())
        shown += "...";
    return shown;
}

Refused Refused::masked() const
{
    Refused shown = *this;
    const auto hide = [](std::string& text) {
        if (!text.empty())
            text = mask;
    };
    hide(shown.did);
    shown.webhook = without_numbers(webhook);
    if (named == Named::did) {
        if (const auto at = shown.why.find('"' + name + '"'); at != std::string::npos)
            shown.why.replace(at + 1, name.size(), mask);
        hide(shown.name);
    }
    shown.name = without_numbers(shown.name);
    shown.why = without_numbers(shown.why);
    return shown;
}

RefusedRequests::Entry* RefusedRequests::place_of(const std::string& key, Clock::time_point now)
{
    if (const auto known = entries_.find(key); known != entries_.end())
        return &known->second;
    if (entries_.size() == max_names) {
        auto least = entries_.end();
        for (auto entry = entries_.begin(); entry != entries_.end(); ++entry) {
            const bool is_asked_for = now - entry->second.last_at < period;
            const auto worth = [](const auto& of) { return std::tuple(of->second.count, of->second.last_at); };
            if (!is_asked_for && (least == entries_.end() || worth(entry) < worth(least)))
                least = entry;
        }
        if (least == entries_.end())
            return nullptr;
        entries_.erase(least);
    }
    return &entries_.emplace(key, Entry()).first->second;
}

RefusedRequests::Place RefusedRequests::count(const Refused& refused, const std::shared_ptr<const Snapshot>& snapshot,
                                              Clock::time_point now)
{
    const std::string key = key_of(refused);
    const std::scoped_lock lock(mutex_);
    Entry* entry = place_of(key, now);
    const bool is_own = entry != nullptr;
    if (entry == nullptr) {
        entry = &others_[refused.code];
        entry->are_others = true;
    }
    const bool is_looked_up = !entry->snapshot.owner_before(snapshot) && !snapshot.owner_before(entry->snapshot);
    if (is_own && !is_looked_up) {
        entry->nearest = nearest_name(refused, *snapshot);
        entry->snapshot = snapshot;
    }
    entry->last = refused;
    entry->last_at = now;
    ++entry->count;
    return {is_own, entry->nearest};
}

std::vector<RefusedRequests::Entry> RefusedRequests::entries() const
{
    std::vector<Entry> all;
    const std::scoped_lock lock(mutex_);
    for (const auto& [key, entry] : entries_)
        all.push_back(entry);
    for (const auto& [code, entry] : others_)
        all.push_back(entry);
    return all;
}

} // namespace dialhook::dispatch
