#include "config/changes.hpp"

#include "base/pace.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <algorithm>
#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>

namespace dialhook::config {
namespace {

template <class Value>
bool same(const std::shared_ptr<const Value>& left, const std::shared_ptr<const Value>& right)
{
    return left == right || (left && right && *left == *right);
}

bool same(const Webhook& left, const Webhook& right)
{
    return same_definition(left, right) && left.description == right.description;
}

bool same(const dialplan::Dialplan& left, const dialplan::Dialplan& right)
{
    return left == right;
}

bool same(const events::Notification& left, const events::Notification& right)
{
    return left.description == right.description && left.urls == right.urls && left.events == right.events &&
           left.dids == right.dids && left.format == right.format && same(left.fields, right.fields) &&
           left.expires == right.expires && left.timeout == right.timeout &&
           left.connect_timeout == right.connect_timeout && left.redirects == right.redirects &&
           same(left.headers, right.headers) && left.secrets == right.secrets && same(left.tls, right.tls);
}

bool same(const EngineHttpSettings& left, const EngineHttpSettings& right)
{
    return left.listen == right.listen && left.tokens == right.tokens && left.tls.cert == right.tls.cert &&
           left.tls.key == right.tls.key && left.tls.client_ca == right.tls.client_ca;
}

const std::string& name_of(const Webhook& webhook)
{
    return webhook.name.str();
}
const std::string& name_of(const events::Notification& notification)
{
    return notification.name.str();
}
const std::string& name_of(const dialplan::Dialplan& plan)
{
    return plan.key;
}

template <class List>
NamedChanges named_changes(const List& before, const List& after)
{
    using Item = std::remove_cvref_t<decltype(*before.begin())>;
    boost::unordered_flat_map<std::string_view, const Item*> left;
    left.reserve(before.size());
    for (const Item& item : before)
        left.emplace(name_of(item), &item);
    NamedChanges changes;
    for (const Item& item : after) {
        Pace::between_pieces();
        const auto known = left.find(name_of(item));
        if (known == left.end()) {
            changes.added.push_back(name_of(item));
            continue;
        }
        if (known->second != &item && !same(*known->second, item))
            changes.changed.push_back(name_of(item));
        left.erase(known);
    }
    for (const auto& [name, item] : left)
        changes.removed.emplace_back(name);
    for (auto* const names : {&changes.added, &changes.changed, &changes.removed})
        std::ranges::sort(*names);
    return changes;
}

/// Keys of the main file whose values differ.
class Settings
{
public:
    void compare(std::string_view key, bool is_same)
    {
        if (!is_same)
            keys_.emplace_back(key);
    }
    std::vector<std::string> keys() && { return std::move(keys_); }

private:
    std::vector<std::string> keys_;
};

void compare_server(const ServerSettings& before, const ServerSettings& after, Settings& settings)
{
    settings.compare("server.socket", before.socket == after.socket);
    settings.compare("server.socket_mode", before.socket_mode == after.socket_mode);
    settings.compare("server.socket_group", before.socket_group == after.socket_group);
    settings.compare("server.control", before.control == after.control);
    settings.compare("server.fastagi", before.fastagi.listen == after.fastagi.listen);
    settings.compare("server.fastagi_allow", before.fastagi.allow == after.fastagi.allow);
    settings.compare("server.engine_http", same(before.engine_http, after.engine_http));
    settings.compare("server.http", before.http.listen == after.http.listen);
    settings.compare("server.http_hosts", before.http.hosts == after.http.hosts);
    settings.compare("server.metrics", before.metrics == after.metrics);
    settings.compare("server.threads", before.threads == after.threads);
    settings.compare("server.drain", before.drain == after.drain);
    settings.compare("server.redact", before.redact == after.redact);
    settings.compare("server.numbers",
                     before.numbers.plan == after.numbers.plan && before.numbers.send == after.numbers.send);
    settings.compare("server.allow_users", before.peers.users == after.peers.users);
    settings.compare("server.allow_groups", before.peers.groups == after.peers.groups);
    settings.compare("server.dns", before.dns_servers == after.dns_servers);
    settings.compare("server.spool", before.spool.file == after.spool.file);
    settings.compare("server.event_idle", before.spool.event_idle == after.spool.event_idle);
    settings.compare("server.spool_keep", before.spool.keep == after.spool.keep);
    settings.compare("server.log", before.log == after.log);
}

} // namespace

Changes changes_between(const Configuration& before, const Configuration& after)
{
    Changes changes;
    changes.webhooks = named_changes(before.webhooks, after.webhooks);
    changes.dialplans = named_changes(before.dialplans.plans(), after.dialplans.plans());
    changes.notifications = named_changes(*before.notifications, *after.notifications);
    Settings settings;
    compare_server(before.server, after.server, settings);
    settings.compare("egress", before.egress == after.egress && same(before.proxy, after.proxy));
    settings.compare("asterisk", before.asterisk == after.asterisk);
    settings.compare("vars", before.vars == after.vars);
    changes.settings = std::move(settings).keys();
    return changes;
}

bool names_certificates(const Configuration& configuration)
{
    const auto has_files = [](const auto& named) {
        return named.tls && !(named.tls->ca_file.empty() && named.tls->client_cert.empty());
    };
    const auto& webhooks = configuration.webhooks;
    const auto& notifications = *configuration.notifications;
    return !configuration.server.engine_http.tls.cert.empty() ||
           std::any_of(webhooks.begin(), webhooks.end(), has_files) ||
           std::any_of(notifications.begin(), notifications.end(), has_files);
}

} // namespace dialhook::config
