#pragma once

#include "nats/acknowledgement.hpp"

#include <boost/system/result.hpp>

#include <string>

namespace dialhook::net {

/// Why a publication was not acknowledged. It may be stored all the same: the same message id makes another attempt
/// harmless.
struct NatsFailure
{
    std::string detail; ///< a sentence for people, without secrets; empty: the publication was cancelled
};

using NatsResult = boost::system::result<nats::Acknowledgement, NatsFailure>;

} // namespace dialhook::net
