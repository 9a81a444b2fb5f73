#pragma once

#include "config/load.hpp"
#include "dispatch/snapshot.hpp"
#include "net/dns/resolver.hpp"
#include "net/transport/tls_context.hpp"

#include <boost/system/result.hpp>

#include <filesystem>
#include <memory>
#include <vector>

namespace dialhook::daemon {

/// A configuration that is ready for use.
struct Loaded
{
    std::shared_ptr<const dispatch::Snapshot> snapshot;
    net::ResolverSettings resolver;
    std::vector<config::SourceText> files; ///< that it was read from, the main file first
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

    /// `previous` (null at start) hands on what is kept of its webhooks.
    boost::system::result<Loaded, config::Faults> load(const dispatch::Snapshot* previous);

    /// The same from files that were kept; what they refer to is read as it is now.
    boost::system::result<Loaded, config::Faults> load_kept(const config::SavedConfiguration& kept);

    /// Reads `file` as `load` would, and leaves nothing behind: contexts in use stay known. With
    /// `credentials_are_elsewhere` it warns of those that it cannot read.
    static boost::system::result<Loaded, config::Faults> check(const std::filesystem::path& file,
                                                               bool credentials_are_elsewhere = false);

private:
    std::filesystem::path file_;
    net::TlsContexts contexts_;
};

} // namespace dialhook::daemon
