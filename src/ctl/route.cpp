#include <dialhook/ctl/commands.hpp>
#include <dialhook/ctl/render.hpp>
#include <dialhook/ctl/rpc_socket.hpp>
#include <dialhook/ctl/terminal.hpp>

#include <nlohmann/json.hpp>

#include <ostream>

namespace dialhook::ctl {
namespace {

using Json = nlohmann::ordered_json;

/// The daemon keeps each webhook's own `timeout`, which may be long; this only ends the wait for a daemon that is
/// stuck.
constexpr auto answer_limit = std::chrono::minutes(10);

Json params_of(const RouteCommand& command)
{
    Json params{{"did", command.did}};
    const auto add = [&params](const char* name, const std::optional<std::string>& value) {
        if (value)
            params[name] = *value;
    };
    add("webhook", command.webhook);
    add("callerid", command.callerid);
    add("callername", command.callername);
    add("call_id", command.call_id);
    add("presentation", command.presentation);
    if (command.explain)
        params["explain"] = true;
    return params;
}

} // namespace

/// The conversation of a dialplan engine: ask once, then do what each answer says until it says `route`.
ExitCode route(const CommandLine& line, const RouteCommand& command, std::ostream& out)
{
    RpcSocket engine(line.socket);
    const Json answer = engine.call("call.route", params_of(command), answer_limit);
    const std::string action = answer.value("action", std::string{});
    if (action != "route")
        throw Failure(ExitCode::refused,
                      "the daemon asks for '" + harmless(action) + "', which this dialhookctl cannot do");

    out << (line.json ? answer.dump(-1, ' ', true) + '\n' : render_decision(answer));
    // A dialplan without a webhook has no branch: nothing failed.
    const Json branch = answer.value("branch", Json());
    return branch == "failure" ? ExitCode::refused : ExitCode::done;
}

} // namespace dialhook::ctl
