#pragma once

#include "fastagi/channel.hpp"
#include "fastagi/script.hpp"

#include <dialhook/dialplan/dialplan.hpp>
#include <dialhook/dialplan/resolve.hpp>
#include <dialhook/fastagi/sessions.hpp>
#include <dialhook/webhook/ivr_dialogue.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace dialhook::fastagi {

/// One channel that asks, from its first line to the end of the connection.
class Session : public std::enable_shared_from_this<Session>
{
public:
    Session(Sessions& sessions, net::TcpSocket socket);

    net::Awaitable<void> run(std::shared_ptr<Session> self);
    net::Awaitable<void> read([[maybe_unused]] std::shared_ptr<Session> self) { co_await channel_.read(); }

    /// No more is to be done than what Asterisk does by itself: the last step is running.
    bool is_in_last_step() const { return in_last_step_; }

    void stop_firing(net::StopCause cause);
    void close() { channel_.close(); }

private:
    /// A firing come to its end, and what is played in front of the branch's steps.
    struct Outcome
    {
        dispatch::Fired fired;
        std::string_view play;
    };

    net::Awaitable<void> serve();
    net::Awaitable<void> follow(const dialplan::Dialplan& plan, Call& call);
    net::Awaitable<void> use_webhook(std::string_view name, Call& call, const dialplan::Dialplan* plan);
    net::Awaitable<std::optional<Outcome>> ask(const dispatch::Hook& hook, const Call& call, bool needs_destination);
    net::Awaitable<std::optional<Outcome>> ask_with_ivr(const dispatch::Hook& hook, const Call& call,
                                                        bool needs_destination);
    net::Awaitable<std::optional<dispatch::Fired>> fire(const dispatch::Hook& hook, const dispatch::Firing& firing);

    net::Awaitable<void> run_steps(const std::vector<dialplan::ResolvedStep>& steps);
    net::Awaitable<void> run_step(const dialplan::ResolvedStep& step);
    net::Awaitable<void> tell(const dispatch::Hook& hook, const Call& call, const dispatch::Fired& fired,
                              std::string_view callername);
    net::Awaitable<void> forward_callerid(const Webhook& webhook, const Call& call);
    net::Awaitable<void> set(std::string_view name, std::string_view value);
    net::Awaitable<void> refuse(int code, std::string_view why);

    Sessions& sessions_;
    std::shared_ptr<const dispatch::Snapshot> snapshot_;
    Channel channel_;
    net::Stop* firing_ = nullptr;
    bool in_last_step_ = false;
};

} // namespace dialhook::fastagi
