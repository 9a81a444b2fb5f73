#pragma once

#include "api/rpc/outbox.hpp"
#include "api/worker_services.hpp"
#include "events/event.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>

namespace dialhook::rpc {

class RpcSession;

/// The events of one engine that are on their way to the disk.
class Reports
{
public:
    Reports(RpcSession& session, const api::WorkerServices& services)
        : session_(session)
        , services_(services)
    {
    }
    Reports(const Reports&) = delete;
    Reports& operator=(const Reports&) = delete;

    /// Hands `report` to the spool, and has the session answer when it is on disk. `batch`: null, it came alone.
    void take(events::Report report, std::string id, std::shared_ptr<Batch> batch);

    bool are_none() const { return waiting_.empty(); }

    /// Returns the bytes of their ids.
    std::size_t held() const { return held_; }

private:
    static constexpr std::size_t max_reports = 16384;

    /// What is left of one here.
    struct Waiting
    {
        std::string id;
        std::shared_ptr<Batch> batch;
    };

    void answer(std::uint64_t number, spool::Stored stored, const std::string& why);

    RpcSession& session_;
    const api::WorkerServices& services_;
    std::unordered_map<std::uint64_t, Waiting> waiting_;
    std::uint64_t last_number_ = 0;
    std::size_t held_ = 0;
};

} // namespace dialhook::rpc
