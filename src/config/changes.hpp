#pragma once

#include "config/configuration.hpp"

#include <string>
#include <vector>

namespace dialhook::config {

/// What of a section differs between two configurations, by name, in alphabetical order.
struct NamedChanges
{
    std::vector<std::string> added;
    std::vector<std::string> changed; ///< `defaults`, and the contents of credentials, count too
    std::vector<std::string> removed;

    bool empty() const { return added.empty() && changed.empty() && removed.empty(); }
};

/// What differs between two configurations.
struct Changes
{
    NamedChanges webhooks;
    NamedChanges dialplans; ///< by their keys, as they are written
    NamedChanges notifications;
    std::vector<std::string> settings; ///< keys of the main file: `server.log`, `egress`; what they mean differs

    bool empty() const { return webhooks.empty() && dialplans.empty() && notifications.empty() && settings.empty(); }
};

/// Returns what a reload that leads from `before` to `after` changes. Takes a second for 100,000 webhooks that all
/// differ, and little for those that both have.
Changes changes_between(const Configuration& before, const Configuration& after);

/// Returns whether it names files of certificates or keys. A reload reads them again; `changes_between` compares their
/// names alone.
bool names_certificates(const Configuration& configuration);

} // namespace dialhook::config
