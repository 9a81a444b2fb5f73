#pragma once

#include "config/load.hpp"
#include "config/load_cache.hpp"
#include "dispatch/snapshot.hpp"
#include "net/dns/resolver.hpp"
#include "net/transport/tls_context.hpp"

#include <boost/system/result.hpp>

#include <filesystem>
#include <memory>

namespace dialhook::daemon {

/// A configuration that is ready for use.
struct Loaded
{
    std::shared_ptr<const dispatch::Snapshot> snapshot;
    net::ResolverSettings resolver;
    config::SourceTexts files; ///< that it was read from
};

/// Reads the configuration with all that it refers to: includes, credentials, certificates, resolv.conf, hosts. It
/// blocks, so after the start it works on a thread of its own.
class Loader
{
public:
    explicit Loader(std::filesystem::path file)
        : file_(std::move(file))
    {
    }

    const std::filesystem::path& file() const { return file_; }

    /// `previous` (null at start) hands on what is kept of its webhooks. Files that did not change since the last time
    /// are not read again.
    boost::system::result<Loaded, config::Faults> load(const dispatch::Snapshot* previous);

    /// Does the same from files that were kept; what they refer to is read as it is now.
    boost::system::result<Loaded, config::Faults> load_kept(const config::SavedConfiguration& kept);

    /// Reads its file as `load` would, and leaves nothing behind but what the next load need not read again.
    boost::system::result<Loaded, config::Faults> rehearse();

    /// Reads `file` as `load` would, and leaves nothing behind: contexts in use stay known. With
    /// `credentials_are_elsewhere` it warns of those that it cannot read.
    static boost::system::result<Loaded, config::Faults> check(const std::filesystem::path& file,
                                                               bool credentials_are_elsewhere = false);

private:
    std::filesystem::path file_;
    config::LoadCache cache_;
    net::TlsContexts contexts_;
};

} // namespace dialhook::daemon
