#include "ctl/code_source.hpp"

#include <dialhook/ctl/commands.hpp>
#include <dialhook/ctl/render.hpp>
#include <dialhook/ctl/rpc_socket.hpp>
#include <dialhook/ctl/terminal.hpp>

#include <nlohmann/json.hpp>
#include <unistd.h>

#include <cstdint>
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

/// What comes back after a question; keys that are wrong are the daemon's to refuse.
Json entered(const Json& question, CodeSource& codes)
{
    const auto timeout = std::chrono::milliseconds(question.value("timeout_ms", std::int64_t{10000}));
    if (const auto code = codes.next(timeout))
        return {{"state", question.at("state")}, {"code", *code}};
    return {{"state", question.at("state")}, {"timeout", true}};
}

std::string rendered(const Json& answer, const std::string& action)
{
    if (action == "route")
        return render_decision(answer);
    return action == "run" ? render_run(answer) : render_collect(answer);
}

} // namespace

/// The conversation of a dialplan engine: ask once, then do what each answer says until it says `route`.
ExitCode route(const CommandLine& line, const RouteCommand& command, std::ostream& out)
{
    RpcSocket engine(line.socket);
    CodeSource codes(command.codes, STDIN_FILENO);
    Json answer = engine.call("call.route", params_of(command), answer_limit);
    while (true) {
        const std::string action = answer.value("action", std::string{});
        if (action != "route" && action != "run" && action != "collect")
            throw Failure(ExitCode::refused,
                          "the daemon asks for '" + harmless(action) + "', which this dialhookctl cannot do");
        out << (line.json ? answer.dump(-1, ' ', true) + '\n' : rendered(answer, action)) << std::flush;
        if (action == "route")
            break;
        const Json next = action == "run" ? Json{{"state", answer.at("state")}} : entered(answer, codes);
        answer = engine.call("call.continue", next, answer_limit);
    }
    // A dialplan without a webhook has no branch: nothing failed.
    const Json branch = answer.value("branch", Json());
    return branch == "failure" ? ExitCode::refused : ExitCode::done;
}

} // namespace dialhook::ctl
