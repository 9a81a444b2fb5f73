#pragma once

#include "dispatch/dispatcher.hpp"
#include "webhook/reply_options.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace dialhook::rpc {

/// Secrets of requests: the values of the configured `headers`, user info, credentials of the proxy.
class SecretMask
{
public:
    explicit SecretMask(const dispatch::ResolvedWebhook& resolved);
    explicit SecretMask(const dispatch::ResolvedNotification& resolved);

    /// Returns whether the value of this request header is hidden completely.
    bool is_secret(std::string_view header_name) const;

    /// Returns `text` with `***` for each secret: web servers echo what they get.
    std::string masked(std::string text) const;

private:
    void add(const RequestHeader& header);
    void add(std::string_view value);
    void sort();

    std::vector<std::string> names_; ///< of the configured headers
    std::vector<std::string> values_;
};

/// Returns one exchange as `dialhookctl try` shows it: `url`, `request` (`method`, `headers` and the body), and `reply`
/// (`status`, `headers`, the body, `read`; null when nothing came). A body is `body`, cut at 4 KiB, `body_bytes` as
/// they came, and `body_is_cut`. Pure.
nlohmann::ordered_json shown_exchange(const dispatch::ExchangeReport& exchange, const SecretMask& secrets,
                                      std::string_view international_prefix = {},
                                      const ReplyOptions& options = ReplyOptions::standard());

/// Returns an exchange of an event the same way. Nobody reads its reply: there is no `read`.
nlohmann::ordered_json shown_event_exchange(const dispatch::ExchangeReport& exchange, const SecretMask& secrets);

} // namespace dialhook::rpc
