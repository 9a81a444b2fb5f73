#include "dispatch/nearest_name.hpp"

#include "base/spelling.hpp"
#include "call/rpc_error.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace dialhook::dispatch {
namespace {

constexpr std::size_t max_name = 64;

/// Letters of one name times letters of the other, summed up: what a comparison costs.
constexpr std::size_t max_work = 1'000'000;

/// Names that differ by more letters are no misspellings (`nearest`).
constexpr std::size_t max_letters_apart = 3;

std::string in_case(std::string_view name, char from, char to, std::size_t letters)
{
    std::string changed(name);
    for (std::size_t at = 0; at < std::min(letters, changed.size()); ++at)
        if (changed[at] >= from && changed[at] <= from + ('z' - 'a'))
            changed[at] = static_cast<char>(changed[at] - from + to);
    return changed;
}

/// Collects names around a place in their order, the nearest ones first, until `work` is used up.
class Around
{
public:
    Around(const std::vector<ResolvedWebhook>& webhooks, std::size_t length, std::size_t work)
        : webhooks_(webhooks)
        , length_(length)
        , work_(work)
    {
    }

    void collect(std::string_view name, std::vector<std::string_view>& found)
    {
        auto up =
            std::ranges::lower_bound(webhooks_, name, {}, [](const ResolvedWebhook& resolved) -> std::string_view {
                return resolved.webhook->name.str();
            });
        auto down = up;
        while (work_ != 0 && (up != webhooks_.end() || down != webhooks_.begin())) {
            if (up != webhooks_.end())
                take((up++)->webhook->name.str(), found);
            if (down != webhooks_.begin())
                take((--down)->webhook->name.str(), found);
        }
    }

private:
    void take(std::string_view name, std::vector<std::string_view>& found)
    {
        const auto [shorter, longer] = std::minmax({name.size(), length_});
        const bool may_be = longer - shorter <= max_letters_apart;
        work_ -= std::min(work_, may_be ? name.size() * length_ : 8);
        if (may_be)
            found.push_back(name);
    }

    const std::vector<ResolvedWebhook>& webhooks_;
    std::size_t length_;
    std::size_t work_;
};

/// Visits `number` in the spellings that a configuration may have of it, and those with one mistake.
template <class Visit>
void each_variant(std::string_view number, Visit visit)
{
    constexpr std::string_view digits = "0123456789";
    const std::string bare(number.starts_with('+') ? number.substr(1) : number);
    visit('+' + bare);
    visit(bare);
    visit("00" + bare);
    if (bare.starts_with("00"))
        visit('+' + bare.substr(2));
    for (std::size_t at = 0; at < number.size(); ++at) {
        std::string changed(number);
        changed.erase(at, 1);
        visit(changed);
        if (at + 1 < number.size()) {
            changed = number;
            std::swap(changed[at], changed[at + 1]);
            visit(changed);
        }
        for (const char digit : digits) {
            changed = number;
            changed[at] = digit;
            visit(changed);
            changed.insert(at + 1, 1, number[at]);
            visit(changed);
        }
    }
    for (const char digit : digits)
        visit(std::string(number) + digit);
}

bool is_number(std::string_view did)
{
    return did.find_first_not_of("+0123456789*#") == std::string_view::npos;
}

} // namespace

std::string_view nearest_webhook(std::string_view name, const std::vector<ResolvedWebhook>& webhooks)
{
    if (name.empty() || name.size() > max_name)
        return {};
    const std::array<std::string, 4> starts{std::string(name), in_case(name, 'A', 'a', name.size()),
                                            in_case(name, 'a', 'A', name.size()), in_case(name, 'a', 'A', 1)};
    std::vector<std::string_view> found;
    for (const std::string& start : starts)
        Around(webhooks, name.size(), max_work / starts.size()).collect(start, found);
    return nearest(name, found);
}

std::string nearest_number(std::string_view did, const dialplan::NumberPlan& plans)
{
    constexpr std::size_t min_digits = 3; // of shorter ones each is near to each
    if (did.size() > max_name)
        return {};
    if (is_number(did)) {
        std::string found;
        if (did.size() < min_digits)
            return found;
        each_variant(did, [&](const std::string& variant) {
            if (!found.empty() || variant.empty())
                return;
            if (const dialplan::Dialplan* const plan = plans.with_key(variant))
                found = plan->key;
        });
        return found;
    }
    std::vector<std::string_view> keys;
    std::size_t work = max_work;
    for (const dialplan::Dialplan& plan : plans.plans()) {
        const std::size_t cost = plan.key.size() * did.size();
        if (cost > work)
            break;
        work -= cost;
        keys.push_back(plan.key);
    }
    return std::string(nearest(did, keys));
}

std::string nearest_name(const Refused& refused, const Snapshot& snapshot)
{
    constexpr std::array<std::string_view, 2> methods{"call.route", "call.continue"};
    switch (static_cast<RpcError>(refused.code)) {
    case RpcError::unknown_webhook:
        return std::string(nearest_webhook(refused.name, snapshot.webhooks()));
    case RpcError::no_dialplan:
        return nearest_number(refused.name, snapshot.configuration().dialplans);
    case RpcError::method_not_found:
        return std::string(nearest(refused.name, methods));
    default:
        return {};
    }
}

} // namespace dialhook::dispatch
