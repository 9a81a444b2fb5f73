#pragma once

#include "api/worker_services.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <unordered_set>

namespace dialhook::engine {

class Session;

/// The engines that are connected to one thread, and the calls that they asked for.
///
/// Each connection is read when the poller tells of it; a coroutine serves one call after the other, and an answer goes
/// out when it is ready. The answers of one turn of the event loop are written once. An engine that does not read is
/// not read from either, an engine that vanishes takes its calls with it, and neither is felt by any other.
class Sessions
{
public:
    /// `most`: so many engines at once; a further one is turned away, so that they leave descriptors to the others.
    Sessions(const api::WorkerServices& services, std::size_t most)
        : services_(services)
        , most_(most)
    {
    }
    ~Sessions();
    Sessions(const Sessions&) = delete;
    Sessions& operator=(const Sessions&) = delete;

    /// Serves an engine that has just connected; `socket` is taken over.
    void adopt(int socket);

    const api::WorkerServices& services() const { return services_; }

    /// Reads no more. Calls that were read get their answers, idle connections are closed at once, and `finished` is
    /// called when the last one is gone.
    void drain(std::function<void()> finished);

    /// Ends the calls that are still under way, with reason `shutdown`.
    void stop_calls();

    /// Closes what is left, answered or not.
    void close();

private:
    friend class Session;

    void forget(const std::shared_ptr<Session>& session);

    const api::WorkerServices& services_;
    std::size_t most_;
    std::unordered_set<std::shared_ptr<Session>> sessions_;
    std::function<void()> finished_;
};

} // namespace dialhook::engine
