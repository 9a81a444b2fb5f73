#include "ctl/commands.hpp"
#include "ctl/render.hpp"
#include "ctl/rpc_socket.hpp"
#include "ctl/screen.hpp"

#include <nlohmann/json.hpp>

#include <ostream>
#include <thread>

namespace dialhook::ctl {
namespace {

using Json = nlohmann::ordered_json;
using namespace std::chrono_literals;

constexpr auto answer_limit = 3s;
constexpr auto refresh_interval = 1s;
constexpr int max_webhooks = 200;

Json ask(RpcSocket& daemon)
{
    return daemon.call("top", {{"limit", max_webhooks}}, answer_limit);
}

} // namespace

ExitCode top(const CommandLine& line, const TopCommand& command, std::ostream& out)
{
    RpcSocket daemon(line.control);
    Json answer = ask(daemon);
    if (command.once || line.json || !Screen::is_there()) {
        if (answer.at("window_s") == 0) { // the daemon begins to look when it is asked
            std::this_thread::sleep_for(refresh_interval + 100ms);
            answer = ask(daemon);
        }
        out << (line.json ? render_json(answer) : render_top(answer));
        return ExitCode::done;
    }
    const Screen screen;
    while (true) {
        const std::string text = render_top(answer);
        screen.show(text);
        Screen::Event event = screen.wait(refresh_interval);
        while (event == Screen::Event::resized) {
            screen.show(text);
            event = screen.wait(refresh_interval);
        }
        if (event == Screen::Event::quit)
            return ExitCode::done;
        answer = ask(daemon);
    }
}

} // namespace dialhook::ctl
