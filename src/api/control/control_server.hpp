#pragma once

#include "config/changes.hpp"
#include "log/log.hpp"
#include "net/loop/asio.hpp"

#include <nlohmann/json_fwd.hpp>
#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dialhook::control {

/// What became of a request to load the configuration again.
struct ReloadOutcome
{
    bool applied = false;
    std::vector<std::string> messages; ///< what was applied only in part, or, when refused, each fault with its place
};

/// What reading a configuration found; nothing was applied.
struct CheckOutcome
{
    std::string file;
    bool has_faults = false;
    std::string summary;               ///< `2 faults, 1 warning`
    std::vector<std::string> faults;   ///< each with its place
    std::vector<std::string> warnings; ///< the same, and what a reload would not take over
    std::size_t webhooks = 0;
    std::size_t dialplans = 0;
};

/// What a reload would do; nothing was applied.
struct RehearsalOutcome
{
    CheckOutcome found;
    config::Changes changes; ///< none if there are faults
};

/// The result of a method as JSON text, or the JSON-RPC error instead of it.
struct ControlAnswer
{
    std::string result;
    int error = 0; ///< 0: none
    std::string message;
};

/// Which decisions are asked for.
struct DecisionsWanted
{
    std::optional<std::vector<std::uint64_t>> cursor; ///< after this; none: the last ones
    std::string webhook;                              ///< of this one alone; empty: all
    std::size_t limit = 0;
};

/// What the control socket can ask for. JSON texts are results as docs/control-socket.md describes them.
struct Actions
{
    std::function<std::string()> status;
    std::function<std::string(const std::optional<std::string>& pattern)> webhooks; ///< whose names match it, or all
    std::function<std::string()> notifications;
    std::function<std::optional<std::string>(const std::string& did)> plan; ///< nothing: there is no dialplan
    std::function<void(std::function<void(ReloadOutcome)>)> reload;         ///< answers later, as all that follow do
    std::function<void(std::function<void(RehearsalOutcome)>)> rehearse_reload;
    std::function<void(std::optional<std::string> file, std::function<void(CheckOutcome)>)>
        check; ///< an absolute path, or the daemon's own file
    std::function<void(std::size_t limit, std::function<void(std::string)>)> top;
    std::function<void(DecisionsWanted, std::function<void(std::string)>)> decisions;

    /// Takes the parameters as JSON text, and answers on the main thread.
    using Asked = std::function<void(const std::string& params, std::function<void(ControlAnswer)>)>;
    Asked dry_run;
    Asked deliveries;
    Asked replay;
    Asked test;
};

/// The socket that `dialhookctl` talks to: JSON-RPC 2.0, one JSON text a line. Only root and the daemon's own user are
/// served. It lives on the main thread, away from calls.
class ControlServer
{
public:
    ControlServer(net::asio::io_context& context, Actions actions, log::Log& log)
        : context_(context)
        , actions_(std::move(actions))
        , log_(log)
    {
    }

    /// Serves a new connection, if its user is allowed.
    void adopt(net::UnixSocket socket);

private:
    net::Awaitable<void> serve(net::UnixSocket socket);
    net::Awaitable<std::string> answer(std::string line);
    template <class Result>
    struct Pending;
    net::Awaitable<std::string> reload(const nlohmann::json& id);
    std::string webhooks(const nlohmann::json& id, const nlohmann::json& params) const;
    net::Awaitable<std::string> rehearse_reload(const nlohmann::json& id);
    net::Awaitable<std::string> check(const nlohmann::json& id, const nlohmann::json& params);
    net::Awaitable<std::string> top(const nlohmann::json& id, const nlohmann::json& params);
    net::Awaitable<std::string> decisions(const nlohmann::json& id, const nlohmann::json& params);
    const Actions::Asked* asked_for(std::string_view method) const;
    net::Awaitable<std::string> ask(const Actions::Asked& action, const nlohmann::json& id,
                                    const nlohmann::json& params);

    net::asio::io_context& context_;
    Actions actions_;
    log::Log& log_;
};

} // namespace dialhook::control
