#include <dialhook/ctl/commands.hpp>
#include <dialhook/ctl/render.hpp>
#include <dialhook/ctl/rpc_socket.hpp>

#include <nlohmann/json.hpp>

#include <ostream>

namespace dialhook::ctl {
namespace {

using Json = nlohmann::ordered_json;

/// The daemon keeps the webhook's `timeout`; this only ends the wait for a daemon that is stuck.
constexpr auto answer_limit = std::chrono::minutes(10);

Json params_of(const TryCommand& command)
{
    Json params{{"webhook", command.webhook}, {"did", command.did}};
    const auto add = [&params](const char* name, const std::optional<std::string>& value) {
        if (value)
            params[name] = *value;
    };
    add("callerid", command.callerid);
    add("callername", command.callername);
    add("call_id", command.call_id);
    add("presentation", command.presentation);
    return params;
}

} // namespace

/// Each code is one firing, as it would be in an IVR: after a NAK comes the next one.
ExitCode try_out(const CommandLine& line, const TryCommand& command, std::ostream& out)
{
    RpcSocket daemon(line.control);
    Json params = params_of(command);
    auto code = command.codes.begin();
    while (true) {
        if (code != command.codes.end())
            params["code"] = *code++;
        const Json trial = daemon.call("try", params, answer_limit);
        out << (line.json ? trial.dump(-1, ' ', true) + '\n' : render_trial(trial)) << std::flush;
        const Json& decision = trial.at("decision");
        if (decision.at("branch") == "success")
            return ExitCode::done;
        if (decision.at("reason") != "nak" || code == command.codes.end())
            return ExitCode::refused;
    }
}

} // namespace dialhook::ctl
