#pragma once

#include "call/call.hpp"
#include "call/destination.hpp"
#include "call/reason.hpp"
#include "call/ringing.hpp"
#include "call/status.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dialhook {

/// What answered a dispatch.
enum class Source : unsigned char
{
    none,
    url,
    fallback_url,
    cache, ///< an ACK that was kept
    stale  ///< a cached ACK, because the web server failed
};

/// Returns an empty text for `none`.
constexpr std::string_view to_string(Source source)
{
    switch (source) {
    case Source::none:
        return {};
    case Source::url:
        return "url";
    case Source::fallback_url:
        return "fallback_url";
    case Source::cache:
        return "cache";
    case Source::stale:
        return "stale";
    }
    return {};
}

/// Keys of a reply that the daemon does not know, handed on to the dialplan in their order.
using Variables = std::vector<std::pair<std::string, std::string>>;

/// What the engine gets for one dispatch: the branch, and what to dial and show there.
///
/// A success has no reason and a failure always has one; nothing else can be made.
class Decision
{
public:
    static Decision success() { return Decision(std::nullopt); }
    static Decision failure(Reason reason) { return Decision(reason); }

    Branch branch() const { return reason_ ? Branch::failure : Branch::success; }
    std::optional<Reason> reason() const { return reason_; }

    std::optional<Status> status;           ///< of the reply, if there was one
    std::optional<Destination> destination; ///< only with ACK; the first, where there are several
    std::shared_ptr<const Ringing> ringing; ///< only with a destination; null: it is the only one, without a ring time
    std::string callername;                 ///< of the reply; empty: none there
    Variables variables;
    std::optional<int> http_status; ///< of the last response
    Source source = Source::none;
    std::string detail; ///< of a failure: a sentence for logs that says what happened and what helps

private:
    explicit Decision(std::optional<Reason> reason)
        : reason_(reason)
    {
    }

    std::optional<Reason> reason_;
};

} // namespace dialhook
