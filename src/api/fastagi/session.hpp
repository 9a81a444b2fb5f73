#pragma once

#include "api/fastagi/application.hpp"
#include "api/fastagi/channel.hpp"
#include "api/fastagi/script.hpp"
#include "api/fastagi/sessions.hpp"
#include "dialplan/dialplan.hpp"
#include "dialplan/resolve.hpp"
#include "webhook/ivr_dialogue.hpp"

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

    /// Whether a stop need not wait for it: the last step is running, which Asterisk finishes by itself, or one that
    /// may ring or talk for as long as people do.
    bool can_be_left() const { return in_last_step_ || may_ring_; }

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

    void take_back(Call& call);
    void remember();
    net::Awaitable<bool> run_steps(const std::vector<dialplan::ResolvedStep>& steps, bool are_last);
    net::Awaitable<bool> run_step(const dialplan::ResolvedStep& step);
    net::Awaitable<bool> dial_group(const dialplan::DialGroup& group);
    net::Awaitable<bool> run_application(const Application& application, std::string_view shown);
    net::Awaitable<void> leave_out(std::string_view step, std::string_view why);
    net::Awaitable<void> tell(const dispatch::Hook& hook, const Call& call, const dispatch::Fired& fired,
                              std::string_view callername);
    net::Awaitable<void> forget_variables();
    net::Awaitable<void> forget_question();
    net::Awaitable<void> show(const Call& call, ForwardedNumber forwarded, std::string_view callername);
    net::Awaitable<void> show_name(std::string_view name);
    net::Awaitable<void> show_number(std::string_view number);
    net::Awaitable<void> set(std::string_view name, std::string_view value);
    Refused refusal(int code, Refused::Named named, std::string_view name) const;
    net::Awaitable<void> refuse(Refused refused);

    Sessions& sessions_;
    std::shared_ptr<const dispatch::Snapshot> snapshot_;
    Channel channel_;
    net::Stop* firing_ = nullptr;
    bool in_last_step_ = false;
    bool may_ring_ = false;
    bool is_done_ = false; ///< and the channel was told
    std::string did_;      ///< for the log
    std::string call_id_;
    std::string channel_id_;             ///< no other channel has it, not even another Asterisk's
    std::optional<AskedChannel> before_; ///< what an earlier question on this channel left
    AskedChannel now_;                   ///< what this one leaves
    bool has_changed_channel_ = false;
};

} // namespace dialhook::fastagi
