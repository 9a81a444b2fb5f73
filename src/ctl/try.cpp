#include "ctl/commands.hpp"
#include "ctl/render.hpp"
#include "ctl/rpc_socket.hpp"
#include "ctl/sample_call.hpp"

#include <nlohmann/json.hpp>

#include <ostream>

namespace dialhook::ctl {
using Json = nlohmann::ordered_json;

/// Each code is one firing, as it would be in an IVR: after a NAK comes the next one.
ExitCode try_out(const CommandLine& line, const TryCommand& command, std::ostream& out)
{
    RpcSocket daemon(line.control);
    Json params = params_of(command.call);
    params["webhook"] = command.webhook;
    auto code = command.codes.begin();
    while (true) {
        if (code != command.codes.end())
            params["code"] = *code++;
        const Json trial = daemon.call("try", params, firing_limit);
        out << (line.json ? render_json(trial) : render_trial(trial)) << std::flush;
        const Json& decision = trial.at("decision");
        if (decision.at("branch") == "success")
            return ExitCode::done;
        if (decision.at("reason") != "nak" || code == command.codes.end())
            return ExitCode::refused;
    }
}

} // namespace dialhook::ctl
