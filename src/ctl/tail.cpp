#include <dialhook/ctl/commands.hpp>
#include <dialhook/ctl/render.hpp>
#include <dialhook/ctl/rpc_socket.hpp>

#include <nlohmann/json.hpp>

#include <ostream>
#include <thread>

namespace dialhook::ctl {
namespace {

using Json = nlohmann::ordered_json;
using namespace std::chrono_literals;

constexpr auto limit = 30s;
constexpr auto interval = 200ms;
constexpr int most_decisions = 1000;

bool is_wanted(const Json& decision, const TailCommand& command)
{
    const auto branch = decision.find("branch");
    return !command.failures || (branch != decision.end() && *branch == "failure");
}

} // namespace

ExitCode tail(const CommandLine& line, const TailCommand& command, std::ostream& out, std::ostream& err)
{
    RpcSocket daemon(line.control);
    Json wanted{{"limit", most_decisions}};
    if (command.webhook)
        wanted["webhook"] = *command.webhook;

    Json answer = daemon.call("decisions", wanted, limit);
    std::vector<Json> shown;
    for (Json& decision : answer.at("decisions"))
        if (is_wanted(decision, command))
            shown.push_back(std::move(decision));
    if (shown.size() > command.lines)
        shown.erase(shown.begin(), shown.end() - command.lines);
    while (true) {
        for (const Json& decision : shown)
            out << (line.json ? decision.dump(-1, ' ', true) + '\n' : render_past_decision(decision));
        if (!out.flush())
            return ExitCode::refused;
        if (command.once)
            return ExitCode::done;
        std::this_thread::sleep_for(interval);

        wanted["cursor"] = answer.at("cursor");
        answer = daemon.call("decisions", wanted, limit);
        if (const Json& lost = answer.at("lost"); lost != 0) {
            if (line.json)
                out << Json{{"lost", lost}}.dump() << '\n';
            err << "dialhookctl: " << lost.dump() << " decisions were made too fast to be shown\n";
        }
        shown.clear();
        for (Json& decision : answer.at("decisions"))
            if (is_wanted(decision, command))
                shown.push_back(std::move(decision));
    }
}

} // namespace dialhook::ctl
