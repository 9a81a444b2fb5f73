#pragma once

#include "api/fastagi/agi_sessions.hpp"
#include "api/fastagi/application.hpp"
#include "api/fastagi/channel.hpp"
#include "api/fastagi/channel_variables.hpp"
#include "dialplan/resolve.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace dialhook::fastagi {

/// The names of a call in the log.
struct CallNames
{
    std::string did;
    std::string call_id;
};

/// Runs the steps of a dialplan on a channel, each as an application of Asterisk.
class StepRunner
{
public:
    /// `settings`: of the configuration that the call began with. All of them outlive the runner.
    StepRunner(Channel& channel, ChannelVariables& variables, const config::AsteriskSettings& settings,
               const CallNames& call, const AgiSessions& sessions)
        : channel_(channel)
        , variables_(variables)
        , settings_(settings)
        , call_(call)
        , sessions_(sessions)
        , log_(sessions.services().log)
    {
    }

    /// Returns false when a step connected the call, or ended it. `are_last`: nothing of the dialplan follows them.
    net::Awaitable<bool> run(const std::vector<dialplan::ResolvedStep>& steps, bool are_last);

    /// Tells Asterisk's dialplan, once, that this one is through.
    net::Awaitable<void> say_done();

    /// Returns whether a stop need not wait for the steps: the last one is running, which Asterisk finishes by itself,
    /// or one that may ring or talk for as long as people do.
    bool can_be_left() const { return in_last_step_ || may_ring_; }

private:
    net::Awaitable<void> begin_last();
    net::Awaitable<bool> run_step(const dialplan::ResolvedStep& step, bool is_last);
    net::Awaitable<bool> dial_group(const dialplan::DialGroup& group, bool is_last);
    net::Awaitable<bool> run_application(const Application& application, std::string_view shown);
    net::Awaitable<void> leave_out(std::string_view step, std::string_view why);

    Channel& channel_;
    ChannelVariables& variables_;
    const config::AsteriskSettings& settings_;
    const CallNames& call_;
    const AgiSessions& sessions_;
    log::Log& log_;
    bool in_last_step_ = false;
    bool may_ring_ = false;
    bool is_done_ = false; ///< and the channel was told
};

} // namespace dialhook::fastagi
