#include "ctl/commands.hpp"
#include "ctl/render.hpp"
#include "ctl/rpc_socket.hpp"
#include "ctl/sample_call.hpp"

#include <nlohmann/json.hpp>

#include <ostream>

namespace dialhook::ctl {
using Json = nlohmann::ordered_json;

/// Each code is one dispatch, as it would be in an IVR: after a NAK comes the next one.
ExitCode dry_run(const CommandLine& line, const TryCommand& command, std::ostream& out)
{
    RpcSocket daemon(line.control);
    Json params = params_of(command.call);
    params["webhook"] = command.webhook;
    auto code = command.codes.begin();
    while (true) {
        if (code != command.codes.end())
            params["code"] = *code++;
        const Json dry_run = daemon.call("try", params, dispatch_limit);
        out << (line.json ? render_json(dry_run) : render_dry_run(dry_run)) << std::flush;
        const Json& decision = dry_run.at("decision");
        if (decision.at("branch") == "success")
            return ExitCode::done;
        if (decision.at("reason") != "nak" || code == command.codes.end())
            return ExitCode::refused;
    }
}

} // namespace dialhook::ctl
