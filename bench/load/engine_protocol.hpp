#pragma once

#include "protocol.hpp"
#include "route_calls.hpp"

#include <utility>

namespace dialhook::bench {

/// Dialhook's own: a JSON-RPC request a line (docs/engine-protocol.md).
class EngineProtocol final : public Protocol
{
public:
    explicit EngineProtocol(RouteCalls calls)
        : calls_{std::move(calls)}
    {
    }

    void append_request(const Call& call, std::string& out) const override;
    std::optional<Answer> first_answer(std::string_view received) const override;
    bool pipelines() const override { return true; }

private:
    RouteCalls calls_;
};

/// The same over HTTP, as `server.engine_http` takes it (docs/engines-over-http.md).
class EngineHttpProtocol final : public Protocol
{
public:
    explicit EngineHttpProtocol(RouteCalls calls)
        : calls_{std::move(calls)}
    {
    }

    void append_request(const Call& call, std::string& out) const override;
    std::optional<Answer> first_answer(std::string_view received) const override;
    bool pipelines() const override { return false; }

private:
    RouteCalls calls_;
};

} // namespace dialhook::bench
