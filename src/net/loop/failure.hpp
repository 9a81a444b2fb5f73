#pragma once

#include "net/loop/cancellation.hpp"

#include <boost/system/result.hpp>

#include <string>

namespace dialhook::net {

/// What went wrong with an exchange, by phase.
enum class FailureKind : unsigned char
{
    cancelled,       ///< the work was cancelled; the `Cancellation` has the reason
    egress,          ///< egress rules allow none of the host's addresses
    dns,             ///< the name does not exist, or the DNS server says it cannot answer
    dns_timeout,     ///< no answer from DNS in time
    connect,         ///< refused, unreachable, reset, or closed before the first byte of the reply
    cut,             ///< the connection ended within the reply
    connect_timeout, ///< `connect_timeout` expired before the connection was made
    tls,             ///< the handshake failed, or the certificate is not to be trusted
    tls_timeout,     ///< `connect_timeout` expired during the handshake
    bad_reply,       ///< what came back is not HTTP, or is framed in a way that cannot be trusted
    resources        ///< this machine is out of descriptors or memory
};

/// A failed exchange.
struct Failure
{
    FailureKind kind;
    std::string detail; ///< a sentence for logs: what happened with whom. Holds no header, no URL, no body.
};

template <class T>
using Result = boost::system::result<T, Failure>;

} // namespace dialhook::net
