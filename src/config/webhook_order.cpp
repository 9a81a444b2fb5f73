#include "config/webhook_order.hpp"

#include "base/pace.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <tuple>

namespace dialhook::config {
namespace {

using Order = std::vector<PlacedWebhook*>;

bool comes_before(const PlacedWebhook* left, const PlacedWebhook* right)
{
    if (const auto by_name = left->value->name <=> right->value->name; by_name != 0)
        return by_name < 0;
    return std::tie(left->file, left->mark) < std::tie(right->file, right->mark);
}

/// Where each of `before` stands.
class Ranks
{
public:
    explicit Ranks(const SharedList<Webhook>& before)
    {
        ranks_.reserve(before.size());
        for (const auto& webhook : before.pointers()) {
            Pace::between_pieces();
            ranks_.emplace(webhook.get(), ranks_.size());
        }
    }

    /// Moves those that it knows out of `all` into their order; the others stay.
    Order take(Order& all) const
    {
        Order places(ranks_.size());
        std::erase_if(all, [&](PlacedWebhook* placed) {
            const auto known = ranks_.find(placed->value.get());
            if (known == ranks_.end())
                return false;
            places[known->second] = placed;
            return true;
        });
        std::erase(places, nullptr);
        return places;
    }

private:
    boost::unordered_flat_map<const Webhook*, std::size_t> ranks_;
};

} // namespace

std::vector<PlacedWebhook*> in_order(std::vector<PlacedWebhook>& all, const SharedList<Webhook>& before)
{
    Order fresh;
    fresh.reserve(all.size());
    for (PlacedWebhook& placed : all)
        fresh.push_back(&placed);
    if (std::ranges::is_sorted(fresh, comes_before)) // files that are called like their webhooks
        return fresh;
    const Order known = before.empty() ? Order() : Ranks(before).take(fresh);
    std::ranges::sort(fresh, comes_before);
    if (known.empty())
        return fresh;
    Order order;
    order.reserve(known.size() + fresh.size());
    std::ranges::merge(known, fresh, std::back_inserter(order), comes_before);
    return order;
}

} // namespace dialhook::config
