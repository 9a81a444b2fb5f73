#pragma once

#include <dialhook/config/load.hpp>
#include <dialhook/dispatch/snapshot.hpp>
#include <dialhook/net/resolver.hpp>
#include <dialhook/net/tls_context.hpp>

#include <boost/system/result.hpp>

#include <filesystem>
#include <memory>

namespace dialhook::daemon {

/// A configuration that is ready for use.
struct Loaded
{
    std::shared_ptr<const dispatch::Snapshot> snapshot;
    net::ResolverSettings resolver;
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

    /// `previous` (null at start) hands on what is kept of its webhooks.
    boost::system::result<Loaded, config::Faults> load(const dispatch::Snapshot* previous);

private:
    std::filesystem::path file_;
    net::TlsContexts contexts_;
};

} // namespace dialhook::daemon
