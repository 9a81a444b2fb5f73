#include "config/reference.hpp"

#include "base/lookalike.hpp"
#include "base/spelling.hpp"
#include "config/asterisk_section.hpp"
#include "config/dialplan_section.hpp"
#include "config/egress_section.hpp"
#include "config/engine_http_section.hpp"
#include "config/ivr_section.hpp"
#include "config/notification_section.hpp"
#include "config/numbers_section.hpp"
#include "config/policy_keys.hpp"
#include "config/reply_section.hpp"
#include "config/server_section.hpp"
#include "config/tls_section.hpp"
#include "config/top_level.hpp"
#include "config/webhook_section.hpp"

#include <algorithm>

namespace dialhook::config {
namespace {

/// Sections that have a key of this name, as faults call them.
std::vector<std::string_view> homes_of(std::string_view key)
{
    std::vector<std::string_view> homes;
    for (const auto& section : reference())
        if (std::ranges::any_of(section.keys, [key](const KeyRow& row) { return row.name == key; }))
            homes.push_back(section.path);
    return homes;
}

/// A key of earlier versions, and what took its place.
struct ReplacedKey
{
    std::string_view name;
    std::string_view remedy;
};
constexpr ReplacedKey replaced_keys[] = {
    {"international_prefix", "; write numbers: { international: \"00\" } in its place"},
};

std::string advice(std::string_view unknown, const std::vector<std::string_view>& known)
{
    for (const auto& [name, remedy] : replaced_keys)
        if (unknown == name)
            return std::string(remedy);
    if (auto hint = did_you_mean(unknown, known); !hint.empty())
        return hint;
    if (auto homes = homes_of(unknown); !homes.empty())
        return homes.front().empty() ? "; it belongs at the top level of the main file"
                                     : "; it belongs under " + joined(homes, "and");
    return "; the keys here are " + joined(known, "and");
}

} // namespace

void name_unknown_key(const Value& unknown, const std::vector<std::string_view>& known)
{
    unknown.fault_of_key("unknown key " + key_in_quotes(unknown.name()) + unknown.odd_character_in_key() +
                         advice(without_lookalikes(unknown.name()), known));
}

std::vector<Section> reference()
{
    return {
        {"", main_keys().rows()},
        {"server", server_keys().rows()},
        {"server.dns", dns_keys().rows()},
        {"server.engine_http", engine_http_keys().rows()},
        {"server.engine_http.tls", engine_tls_keys().rows()},
        {"server.metrics", metrics_keys().rows()},
        {"server.log", log_keys().rows()},
        {"server.numbers", number_keys().rows()},
        {"egress", egress_keys().rows()},
        {"asterisk", asterisk_keys().rows()},
        {"webhooks.NAME", webhook_keys().rows()},
        {"webhooks.NAME.ivr", ivr_keys().rows()},
        {"webhooks.NAME.circuit_breaker", breaker_keys().rows()},
        {"webhooks.NAME.reply", reply_keys().rows()},
        {"webhooks.NAME.tls", tls_keys().rows()},
        {"notifications.NAME", notification_keys().rows()},
        {"dialplans.DID", dialplan_rows()},
    };
}

std::string markdown_table(const Section& section)
{
    std::string table = "| key | type | default | range | meaning |\n|---|---|---|---|---|\n";
    for (const auto& row : section.keys)
        table += "| " + code(row.name) + " | " + row.type + " | " + row.default_value + " | " + row.range + " | " +
                 row.meaning + " |\n";
    return table;
}

} // namespace dialhook::config
