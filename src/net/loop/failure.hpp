#pragma once

#include "net/loop/cancellation.hpp"

#include <boost/system/result.hpp>

#include <string>

namespace dialhook::net {

/// What went wrong with an exchange, by phase.
enum class FailureKind : unsigned char
{
    cancelled,       ///< the work was asked to end; the `Cancellation` knows why
    egress,          ///< no address of the host may be dialled
    dns,             ///< the name does not exist, or the DNS server says it cannot answer
    dns_timeout,     ///< no answer from DNS in time
    connect,         ///< refused, unreachable, reset, or closed before a byte of the reply was there
    cut,             ///< the connection ended within the reply
    connect_timeout, ///< `connect_timeout` was over before a connection was there
    tls,             ///< the handshake failed, or the certificate is not to be trusted
    tls_timeout,     ///< `connect_timeout` was over within the handshake
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
