#pragma once

#include <boost/unordered/unordered_flat_set.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

namespace dialhook::dispatch {

struct ResolvedWebhook;

/// Where the webhook of a name is in the list of all. The names stay where they are, and what is beside them lies in
/// one piece: among a hundred thousand a look-up misses the processor's cache once, and then where the call goes on
/// anyway. Each node of a `std::unordered_map` on its way would be one miss more.
class WebhookIndex
{
public:
    /// Of none.
    WebhookIndex() = default;
    /// `webhooks` have different names, and stay where they are.
    explicit WebhookIndex(const std::vector<ResolvedWebhook>& webhooks);

    std::optional<std::size_t> find(std::string_view name) const;

private:
    using Place = std::uint32_t;

    class ByName
    {
    public:
        using is_transparent = void;
        using is_avalanching = void; ///< as std::hash of a text is

        ByName() = default;
        explicit ByName(const std::vector<ResolvedWebhook>& webhooks)
            : webhooks_(&webhooks)
        {
        }

        template <class Key>
        std::size_t operator()(Key key) const
        {
            return std::hash<std::string_view>()(name(key));
        }
        template <class Left, class Right>
        bool operator()(Left left, Right right) const
        {
            return name(left) == name(right);
        }

    private:
        std::string_view name(Place place) const;
        static std::string_view name(std::string_view name) { return name; }

        const std::vector<ResolvedWebhook>* webhooks_ = nullptr; ///< null while there is none
    };

    boost::unordered_flat_set<Place, ByName, ByName> places_;
};

} // namespace dialhook::dispatch
