#include "ctl/code_source.hpp"
#include "ctl/commands.hpp"
#include "ctl/render.hpp"
#include "ctl/rpc_socket.hpp"
#include "ctl/sample_call.hpp"
#include "ctl/terminal.hpp"

#include <nlohmann/json.hpp>
#include <unistd.h>

#include <cstdint>
#include <ostream>

namespace dialhook::ctl {
namespace {

using Json = nlohmann::ordered_json;

Json question_of(const RouteCommand& command)
{
    Json params = params_of(command.call);
    if (command.webhook)
        params["webhook"] = *command.webhook;
    if (command.explain)
        params["explain"] = true;
    return params;
}

/// Returns what comes back after a question; keys that are wrong are the daemon's to refuse.
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

/// Holds the conversation of a dialplan engine: ask once, then do what each answer says until it says `route`.
ExitCode route(const CommandLine& line, const RouteCommand& command, std::ostream& out, std::ostream& err)
{
    RpcSocket engine(line.socket);
    CodeSource codes(command.codes, STDIN_FILENO);
    Json answer = engine.call("call.route", question_of(command), dispatch_limit);
    bool was_asked = false;
    while (true) {
        const std::string action = answer.value("action", std::string{});
        if (action != "route" && action != "run" && action != "collect")
            throw CommandFailure(ExitCode::refused,
                                 "the daemon asks for '" + harmless(action) + "', which this dialhookctl cannot do");
        out << (line.json ? render_json(answer) : rendered(answer, action)) << std::flush;
        if (action == "route")
            break;
        was_asked = was_asked || action == "collect";
        const Json next = action == "run" ? Json{{"state", answer.at("state")}} : entered(answer, codes);
        answer = engine.call("call.continue", next, dispatch_limit);
    }
    if (!command.codes.empty() && !was_asked)
        err << "dialhookctl: no code was asked for, so --code was not used; it takes a webhook with an ivr\n";
    // A dialplan without a webhook has no branch: nothing failed.
    const Json branch = answer.value("branch", Json());
    return branch == "failure" ? ExitCode::refused : ExitCode::done;
}

} // namespace dialhook::ctl
