#include "ctl/commands.hpp"
#include "ctl/render.hpp"
#include "ctl/rpc_socket.hpp"
#include "ctl/terminal.hpp"

#include <nlohmann/json.hpp>

#include <ostream>
#include <thread>

namespace dialhook::ctl {
namespace {

using Json = nlohmann::ordered_json;
using namespace std::chrono_literals;

constexpr auto limit = 3s;
constexpr auto interval = 200ms;
constexpr int max_decisions = 1000;

/// Returns those of the answer that the command asks for.
std::vector<Json> wanted_of(Json& answer, const TailCommand& command)
{
    std::vector<Json> wanted;
    for (Json& decision : answer.at("decisions"))
        if (!command.failures || decision.value("branch", Json()) == "failure")
            wanted.push_back(std::move(decision));
    return wanted;
}

} // namespace

ExitCode tail(const CommandLine& line, const TailCommand& command, std::ostream& out, std::ostream& err)
{
    RpcSocket daemon(line.control);
    Json question{{"limit", max_decisions}};
    if (command.webhook)
        question["webhook"] = *command.webhook;

    Json answer = daemon.call("decisions", question, limit);
    if (answer.at("decisions").empty() && !answer.value("is_known", true))
        throw CommandFailure(ExitCode::refused, "there is no webhook '" + harmless(*command.webhook) + "'" +
                                                    other_webhooks(line, *command.webhook));
    std::vector<Json> shown = wanted_of(answer, command);
    if (shown.size() > command.lines)
        shown.erase(shown.begin(), shown.end() - command.lines);
    while (true) {
        for (const Json& decision : shown)
            out << (line.json ? render_json(decision) : render_past_decision(decision));
        if (!out.flush())
            return ExitCode::refused;
        if (command.once)
            return ExitCode::done;
        std::this_thread::sleep_for(interval);

        question["cursor"] = answer.at("cursor");
        answer = daemon.call("decisions", question, limit);
        if (const Json& lost = answer.at("lost"); lost != 0) {
            if (line.json)
                out << render_json({{"lost", lost}});
            err << "dialhookctl: " << lost.dump() << (lost == 1 ? " decision was" : " decisions were")
                << " made too fast to be shown\n";
        }
        shown = wanted_of(answer, command);
    }
}

} // namespace dialhook::ctl
