#include "call/rpc_error.hpp"
#include "ctl/commands.hpp"
#include "ctl/render.hpp"
#include "ctl/rpc_socket.hpp"
#include "ctl/sample_call.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <ostream>

/// The commands about call events.
namespace dialhook::ctl {
namespace {

using Json = nlohmann::ordered_json;
using namespace std::chrono_literals;

constexpr auto limit = 3s;
/// A disk that is busy.
constexpr auto disk_limit = 30s;
constexpr std::size_t max_deliveries = 1000;

Json params_of(const DeliveriesCommand& command)
{
    Json params{{"limit", max_deliveries}};
    if (command.failed)
        params["failed"] = true;
    if (command.call_id)
        params["call_id"] = *command.call_id;
    if (command.since)
        params["since_s"] = std::chrono::ceil<std::chrono::seconds>(*command.since).count();
    return params;
}

} // namespace

ExitCode notifications(const CommandLine& line, std::ostream& out)
{
    const Json answer = RpcSocket(line.control).call("notifications", nullptr, limit);
    out << (line.json ? render_json(answer) : render_notifications(answer));
    return ExitCode::done;
}

ExitCode deliveries(const CommandLine& line, const DeliveriesCommand& command, std::ostream& out, std::ostream& err)
{
    const Json answer = RpcSocket(line.control).call("deliveries", params_of(command), disk_limit);
    const Json& list = answer.at("deliveries");
    if (!line.json)
        out << render_deliveries(answer);
    else
        for (const Json& delivery : list)
            out << render_json(delivery);
    if (list.size() == max_deliveries)
        err << "dialhookctl: these are the newest " << max_deliveries << "; --since, --call and --failed show fewer\n";
    return ExitCode::done;
}

ExitCode replay(const CommandLine& line, const ReplayCommand& command, std::ostream& out, std::ostream& err)
{
    RpcSocket daemon(line.control);
    ExitCode code = ExitCode::done;
    for (const std::uint64_t id : command.ids) {
        try {
            const Json answer = daemon.call("replay", {{"id", id}}, disk_limit);
            if (line.json)
                out << render_json(answer);
            else
                out << "delivery " << id << " is sent again\n";
        } catch (const DaemonRefusal& refusal) {
            if (refusal.rpc_code() != number_of(RpcError::invalid_params))
                throw;
            show_refusal(refusal, line, out, err);
            code = refusal.code(); // the others are no worse for it
        }
    }
    return code;
}

ExitCode test_notification(const CommandLine& line, const TestCommand& command, std::ostream& out)
{
    const Json test = RpcSocket(line.control).call("test", {{"notification", command.notification}}, dispatch_limit);
    out << (line.json ? render_json(test) : render_event_test(test));
    const Json& urls = test.at("urls");
    const bool all = std::all_of(urls.begin(), urls.end(), [](const Json& url) { return url.at("delivered") == true; });
    return all ? ExitCode::done : ExitCode::refused;
}

} // namespace dialhook::ctl
