#pragma once

#include "call/decision.hpp"
#include "webhook/ivr.hpp"

#include <optional>
#include <string_view>
#include <variant>

namespace dialhook::flow {

/// What happened after a question.
struct NoCode ///< nothing was entered in time
{
};
struct EmptyCode ///< the caller ended the selection without a code: a NAK, for which no web server is asked
{
};
/// A code was entered, and its dispatch came to this `Decision`.
using IvrEvent = std::variant<Decision, NoCode, EmptyCode>;

/// Play `play`, then collect a code.
struct Collect
{
    std::string_view play; ///< in the webhook's `Ivr`
    unsigned attempt;      ///< 1 to `max_attempts`

    bool operator==(const Collect&) const = default;
};
/// The dialogue came to a decision.
struct Conclude
{
    Decision decision;
    std::string_view play; ///< message before the decision's steps, in the webhook's `Ivr`; empty: none
};
using IvrAction = std::variant<Collect, Conclude>;

/// The dialogue with a caller who enters a code: event in, action out; it knows no clock and no socket.
///
/// ACK ends in success; NAK and silence use up an attempt each, and the last one ends the dialogue; everything else
/// ends it at once. So a caller is asked `max_attempts` times at most, whatever happens.
class IvrDialogue
{
public:
    /// A dialogue before question `attempt`; `http_status` is that of the last reply, if there was one.
    /// `ivr` outlives it and what it returns.
    explicit IvrDialogue(const Ivr& ivr, unsigned attempt = 1, std::optional<int> http_status = std::nullopt)
        : ivr_(ivr)
        , attempt_(attempt)
        , http_status_(http_status)
    {
    }

    /// Returns the first question.
    Collect start() const { return {ivr_.start_message, attempt_}; }

    IvrAction take(IvrEvent event);

    unsigned attempt() const { return attempt_; }
    std::optional<int> http_status() const { return http_status_; }

private:
    bool is_last() const { return attempt_ >= ivr_.max_attempts; }
    Collect ask_again(std::string_view play);
    IvrAction answered(Decision decision);
    IvrAction refused(Decision decision);
    IvrAction silence();

    const Ivr& ivr_;
    unsigned attempt_;
    std::optional<int> http_status_;
};

} // namespace dialhook::flow
