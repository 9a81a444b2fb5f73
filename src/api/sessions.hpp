#pragma once

#include "api/worker_services.hpp"
#include "net/loop/cancellation.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace dialhook::api {

/// The connections of one door on one thread. Owns each `Session` until that calls `forget`.
///
/// A session has `drain()`: takes no more requests, and ends when what it has is answered; `cancel_calls(reason)`; and
/// `close()`: ends at once. Each of them may call `forget`.
template <class Session>
class Sessions
{
public:
    /// Beyond `max_sessions` connections are refused, so that descriptors remain for others; the log then has
    /// `when_full`, a literal.
    Sessions(const WorkerServices& services, std::size_t max_sessions, std::string_view when_full)
        : services_(services)
        , max_sessions_(max_sessions)
        , when_full_(when_full)
    {
    }
    Sessions(const Sessions&) = delete;
    Sessions& operator=(const Sessions&) = delete;

    const WorkerServices& services() const { return services_; }
    bool is_draining() const { return finished_ != nullptr; }

    /// Ends one that came to its end.
    void forget(const std::shared_ptr<Session>& session)
    {
        sessions_.erase(session);
        if (finished_ && sessions_.empty())
            finished_();
    }

    /// Takes no more connections and requests. Calls `finished` when the last session has ended.
    void drain(std::function<void()> finished)
    {
        finished_ = std::move(finished);
        if (sessions_.empty())
            finished_();
        for (const auto& session : all())
            session->drain();
    }

    /// Cancels the calls under way, with reason `shutdown`.
    void cancel_calls()
    {
        for (const auto& session : all())
            session->cancel_calls(net::CancelReason::shutdown);
    }

    /// Closes all connections, answered or not.
    void close()
    {
        for (const auto& session : all())
            session->close();
    }

protected:
    ~Sessions() = default;

    bool is_full() const { return sessions_.size() >= max_sessions_; }

    /// Returns whether a new connection may come in; false while draining.
    bool admits() const
    {
        if (finished_)
            return false;
        if (!is_full())
            return true;
        services_.log.write_summed(log::Level::warning, when_full_, {});
        return false;
    }

    void add(std::shared_ptr<Session> session) { sessions_.insert(std::move(session)); }

private:
    /// Returns a copy: sessions end meanwhile.
    std::vector<std::shared_ptr<Session>> all() const { return {sessions_.begin(), sessions_.end()}; }

    const WorkerServices& services_;
    std::size_t max_sessions_;
    std::string_view when_full_;
    std::unordered_set<std::shared_ptr<Session>> sessions_;
    std::function<void()> finished_; ///< set: draining
};

} // namespace dialhook::api
