#include "config/shared_values.hpp"

#include <algorithm>
#include <utility>

namespace dialhook::config {
namespace {

/// Neither part of a header nor a pattern holds a NUL, so equal keys mean equal values.
template <class Value>
std::shared_ptr<const Value> share_by(std::unordered_map<std::string, std::shared_ptr<const Value>>& known,
                                      std::string key, Value value)
{
    auto& shared = known[std::move(key)];
    if (shared == nullptr)
        shared = std::make_shared<const Value>(std::move(value));
    return shared;
}

} // namespace

std::shared_ptr<const Headers> SharedValues::share(Headers headers)
{
    if (headers.empty())
        return nullptr;
    if (std::ranges::any_of(headers, [](const RequestHeader& header) { return header.value_template() != nullptr; }))
        return std::make_shared<const Headers>(std::move(headers));
    std::string key;
    for (const auto& header : headers)
        key.append(header.name()).append(1, '\0').append(header.value()).append(1, '\0');
    return share_by(headers_, std::move(key), std::move(headers));
}

std::shared_ptr<const DestinationPatterns> SharedValues::share(DestinationPatterns patterns)
{
    std::string key;
    for (const auto& pattern : patterns)
        key.append(pattern.str()).append(1, '\0');
    return share_by(patterns_, std::move(key), std::move(patterns));
}

const SharedValues::Tls& SharedValues::share(const TlsOptions& options)
{
    const auto [entry, is_new] = tls_.try_emplace(options);
    auto& tls = entry->second;
    if (is_new && options != TlsOptions{}) {
        tls.options = std::make_shared<const TlsOptions>(options);
        if (environment_.check_tls)
            tls.fault = environment_.check_tls(options);
    }
    return tls;
}

} // namespace dialhook::config
