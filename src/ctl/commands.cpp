#include "ctl/commands.hpp"

#include "base/spelling.hpp"
#include "call/rpc_error.hpp"
#include "ctl/render.hpp"
#include "ctl/rpc_socket.hpp"
#include "ctl/terminal.hpp"

#include <nlohmann/json.hpp>

#include <ostream>
#include <string_view>
#include <variant>

namespace dialhook::ctl {
namespace {

using Json = nlohmann::ordered_json;
using namespace std::chrono_literals;

/// What the daemon knows by heart.
constexpr auto short_limit = 3s;
/// A reload, or the list of 100,000 webhooks.
constexpr auto control_limit = 30s;

template <class Render>
void show(const CommandLine& line, const Json& result, Render render, std::ostream& out)
{
    out << (line.json ? render_json(result) : render(result));
}

/// Returns the webhook that a command names, if it names one.
std::string webhook_of(const CommandLine& line)
{
    if (const auto* const command = std::get_if<TryCommand>(&line.command))
        return command->webhook;
    const auto* const command = std::get_if<RouteCommand>(&line.command);
    return command == nullptr ? std::string() : command->webhook.value_or("");
}

/// Returns the number that a command names, if it names one.
std::string number_of(const CommandLine& line)
{
    if (const auto* const command = std::get_if<PlanCommand>(&line.command))
        return command->did;
    const auto* const command = std::get_if<RouteCommand>(&line.command);
    return command == nullptr ? std::string() : command->call.did;
}

/// Returns `: "crmm"`, if the daemon did not say it itself.
std::string named(const DaemonRefusal& refusal, const std::string& asked)
{
    const std::string shown = harmless(asked);
    const bool is_said = std::string_view(refusal.what()).find(shown) != std::string_view::npos;
    return shown.empty() || is_said ? std::string() : ": \"" + shown + "\"";
}

/// Returns what helps after the daemon said no, as the end of the line and further ones; often nothing.
std::string remedy_of(const DaemonRefusal& refusal, const CommandLine& line)
{
    switch (static_cast<RpcError>(refusal.rpc_code())) {
    case RpcError::unknown_webhook:
        if (std::string_view(refusal.what()).find("did you mean") != std::string_view::npos)
            return "\n  Which are there?  dialhookctl webhooks"; // the engines' socket suggests one itself
        return named(refusal, webhook_of(line)) + other_webhooks(line, webhook_of(line));
    case RpcError::no_dialplan:
        return named(refusal, number_of(line)) +
               "\n  Which are there?  the `dialplans` of the configuration and the files that it includes";
    case RpcError::invalid_params:
        if (std::holds_alternative<TestCommand>(line.command))
            return "\n  Which are there?  dialhookctl notifications";
        if (std::string_view(refusal.what()).find("there is no delivery") != std::string_view::npos)
            return "\n  Which are there?  dialhookctl deliveries";
        return "";
    case RpcError::method_not_found:
        return "\n  Is it the right socket?  --socket is for route, --control for the other commands";
    default:
        return "";
    }
}

template <class... Ts>
struct Overloaded : Ts...
{
    using Ts::operator()...;
};
template <class... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

ExitCode execute(const CommandLine& line, std::ostream& out, std::ostream& err)
try {
    return std::visit(Overloaded{
                          [&](const StatusCommand&) { return status(line, out); },
                          [&](const RouteCommand& command) { return route(line, command, out, err); },
                          [&](const TryCommand& command) { return dry_run(line, command, out); },
                          [&](const PlanCommand& command) { return plan(line, command, out); },
                          [&](const CheckCommand& command) { return check(line, command, out, err); },
                          [&](const ReloadCommand& command) { return reload(line, command, out, err); },
                          [&](const WebhooksCommand& command) { return webhooks(line, command, out); },
                          [&](const NotificationsCommand&) { return notifications(line, out); },
                          [&](const DeliveriesCommand& command) { return deliveries(line, command, out, err); },
                          [&](const ReplayCommand& command) { return replay(line, command, out, err); },
                          [&](const TestCommand& command) { return test_notification(line, command, out); },
                          [&](const TopCommand& command) { return top(line, command, out); },
                          [&](const TailCommand& command) { return tail(line, command, out, err); },
                          [&](const MockCommand& command) { return mock(line, command, out); },
                      },
                      line.command);
} catch (const Json::exception& error) {
    throw CommandFailure(ExitCode::refused,
                         "cannot understand the daemon's answer (is it another version?): " + harmless(error.what()));
}

} // namespace

std::string other_webhooks(const CommandLine& line, std::string_view unknown)
{
    constexpr auto patience = 2s; // it is only a hint
    std::string hint;
    try {
        const Json answer = RpcSocket(line.control).call("webhooks", nullptr, patience);
        std::vector<std::string> names;
        for (const Json& webhook : answer.at("webhooks"))
            names.push_back(webhook.at("name"));
        hint = did_you_mean(unknown, std::vector<std::string_view>(names.begin(), names.end()));
    } catch (const std::exception&) {
        // Who may ask for a route need not have the right to see the webhooks.
    }
    return hint + "\n  Which are there?  dialhookctl webhooks";
}

ExitCode status(const CommandLine& line, std::ostream& out)
{
    show(line, RpcSocket(line.control).call("status", nullptr, short_limit), render_status, out);
    return ExitCode::done;
}

ExitCode plan(const CommandLine& line, const PlanCommand& command, std::ostream& out)
{
    show(line, RpcSocket(line.control).call("plan", {{"did", command.did}}, short_limit), render_plan, out);
    return ExitCode::done;
}

ExitCode webhooks(const CommandLine& line, const WebhooksCommand& command, std::ostream& out)
{
    const Json params = command.match ? Json{{"match", *command.match}} : Json();
    show(line, RpcSocket(line.control).call("webhooks", params, control_limit), render_webhooks, out);
    return ExitCode::done;
}

namespace {

/// A script that takes 1 for "it has faults" must not meet it when nothing was read.
[[noreturn]] void give_up(const DaemonRefusal& refusal, const CommandLine& line)
{
    if (refusal.rpc_code() == number_of(RpcError::method_not_found))
        throw CommandFailure(ExitCode::no_daemon,
                             "what answers on " + harmless(line.control.string()) +
                                 " cannot check a configuration: it is an earlier version of the daemon, "
                                 "or the socket of the dialplan engines");
    throw refusal;
}

} // namespace

ExitCode check(const CommandLine& line, const CheckCommand& command, std::ostream& out, std::ostream& err)
try {
    const Json params = command.file ? Json{{"file", command.file->string()}} : Json();
    const Json answer = RpcSocket(line.control).call("check", params, control_limit);
    if (!line.json)
        for (const Json& warning : answer.at("warnings"))
            err << harmless(warning.get<std::string>()) << '\n';
    show(line, answer, render_check, out);
    return ExitCode::done;
} catch (const DaemonRefusal& refusal) {
    for (const std::string& detail : refusal.details())
        err << detail << '\n';
    const auto warnings = Json::parse(refusal.json()).value(Json::json_pointer("/data/warnings"), Json::array());
    for (const Json& warning : warnings)
        err << harmless(warning.get<std::string>()) << '\n';
    give_up(refusal, line);
}

namespace {

/// Only a daemon that knows the method is asked: an earlier one would take a parameter of `reload` for nothing, and
/// reload.
ExitCode rehearse_reload(const CommandLine& line, std::ostream& out, std::ostream& err)
try {
    show(line, RpcSocket(line.control).call("rehearse_reload", nullptr, control_limit), render_rehearsal, out);
    return ExitCode::done;
} catch (const DaemonRefusal& refusal) {
    for (const std::string& detail : refusal.details())
        err << detail << '\n';
    if (refusal.rpc_code() == number_of(RpcError::method_not_found))
        throw CommandFailure(ExitCode::no_daemon, "what answers on " + harmless(line.control.string()) +
                                                      " cannot say what a reload would change: it is an earlier "
                                                      "version of the daemon, or the socket of the dialplan engines");
    throw;
}

} // namespace

ExitCode reload(const CommandLine& line, const ReloadCommand& command, std::ostream& out, std::ostream& err)
{
    if (command.dry_run)
        return rehearse_reload(line, out, err);
    try {
        show(line, RpcSocket(line.control).call("reload", nullptr, control_limit), render_reload, out);
        return ExitCode::done;
    } catch (const DaemonRefusal& refusal) {
        for (const std::string& detail : refusal.details())
            err << detail << '\n';
        throw;
    }
}

void show_refusal(const DaemonRefusal& refusal, const CommandLine& line, std::ostream& out, std::ostream& err)
{
    if (line.json)
        out << "{\"error\":" << refusal.json() << "}\n";
    err << "dialhookctl: " << refusal.what() << remedy_of(refusal, line) << '\n';
}

int run(const std::vector<std::string>& arguments, std::ostream& out, std::ostream& err)
{
    const auto read = read_command_line(arguments);
    if (const auto* answered = std::get_if<CommandLineAnswer>(&read)) {
        out << answered->out;
        err << answered->err;
        return static_cast<int>(answered->code);
    }
    const auto& line = std::get<CommandLine>(read);
    try {
        const ExitCode code = execute(line, out, err);
        return static_cast<int>(out.flush() ? code : ExitCode::refused);
    } catch (const DaemonRefusal& refusal) {
        show_refusal(refusal, line, out, err);
        return static_cast<int>(refusal.code());
    } catch (const CommandFailure& failure) {
        if (line.json)
            out << render_json({{"error", {{"message", failure.what()}}}});
        err << "dialhookctl: " << failure.what() << '\n';
        return static_cast<int>(failure.code());
    }
}

} // namespace dialhook::ctl
