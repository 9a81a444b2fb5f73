#include "ctl/command_line.hpp"

#include "base/text.hpp"
#include "call/call_vars.hpp"
#include "ctl/terminal.hpp"
#include "version.hpp"
#include "yaml/times.hpp"

#include <CLI/CLI.hpp>
#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <charconv>
#include <sstream>

namespace dialhook::ctl {
namespace {

/// Reads `ADDRESS:PORT`, with an IPv6 address in brackets. Returns what is wrong with it, or nothing.
std::string read_listen(const std::string& text, MockCommand& mock)
{
    std::string expected = "expected ADDRESS:PORT such as 127.0.0.1:8080 or [::1]:0, found " + harmless(text);
    const auto colon = text.rfind(':');
    if (colon == std::string::npos)
        return expected;
    std::string address = text.substr(0, colon);
    const bool in_brackets = address.size() > 1 && address.front() == '[' && address.back() == ']';
    if (in_brackets)
        address = address.substr(1, address.size() - 2);
    if (address == "localhost")
        address = "127.0.0.1";
    boost::system::error_code error;
    const auto parsed = boost::asio::ip::make_address(address, error);
    if (error || parsed.is_v6() != in_brackets)
        return expected;
    const char* const end = text.data() + text.size();
    std::uint16_t port = 0;
    const auto [stopped, number_error] = std::from_chars(text.data() + colon + 1, end, port);
    if (number_error != std::errc{} || stopped != end)
        return expected;
    mock.address = address;
    mock.port = port;
    return {};
}

constexpr const char* main_footer = R"(
Examples:
  dialhookctl status
  dialhookctl route crm --did +31502102544 --callerid +31612345678

Exit status: 0 done, or the success branch; 1 the failure branch, or refused; 2 wrong usage;
3 no daemon there. 'dialhookctl COMMAND --help' tells more about a command.)";

std::string examples(const std::string& lines)
{
    return "\nExamples:\n" + lines +
           "\n\nThe options --socket, --control and --json are also allowed here: dialhookctl --help";
}

/// Returns what is wrong with `NAME=VALUE`, or nothing.
std::string fault_of_var(const std::string& written)
{
    const auto equals = written.find('=');
    if (equals != std::string::npos && is_var_name(std::string_view(written).substr(0, equals)))
        return {};
    return "'" + harmless(written) + "' is not NAME=VALUE with a name of a to z, 0 to 9 and _, such as tenant=acme";
}

void describe_call(CLI::App& app, SampleCall& call)
{
    app.add_option("--did", call.did, "Called number")->required()->type_name("NUMBER");
    app.add_option("--callerid", call.callerid, "Calling number; empty: withheld")->type_name("NUMBER");
    app.add_option("--callername", call.callername, "Name of the caller")->type_name("TEXT");
    app.add_option("--call-id", call.call_id, "Identifier of the call")->type_name("TEXT");
    app.add_option("--presentation", call.presentation, "Whether the number may be shown: allowed or prohibited")
        ->check(CLI::IsMember({"allowed", "prohibited"}))
        ->type_name("WORD");
    app.add_option("--var", call.vars,
                   "A value that the engine sends along; may be repeated; see vars in dialhook.yaml(5)")
        ->allow_extra_args(false)
        ->check(fault_of_var)
        ->type_name("NAME=VALUE");
}

/// What the options of the commands are read into.
struct Commands
{
    RouteCommand route;
    TryCommand attempt;
    PlanCommand plan;
    CheckCommand check;
    ReloadCommand reload;
    WebhooksCommand webhooks;
    DeliveriesCommand deliveries;
    ReplayCommand replay;
    TestCommand test;
    TopCommand top;
    TailCommand tail;
    MockCommand mock;
};

void describe_live(CLI::App& app, CommandLine& line, TopCommand& top, TailCommand& tail)
{
    auto* const t = app.add_subcommand("top", "Show the busiest webhooks, live; q ends it");
    t->add_flag("--once", top.once, "Print one table and exit, as without a terminal");
    t->footer(examples("  dialhookctl top\n  dialhookctl top --once --json"));
    t->callback([&] { line.command = top; });

    auto* const l = app.add_subcommand("tail", "Show decisions as they are made");
    l->add_option("-n,--lines", tail.lines, "How many earlier decisions to show first")
        ->check(CLI::Range(0, 512))
        ->capture_default_str()
        ->type_name("COUNT");
    l->add_option("--webhook", tail.webhook, "Only decisions of this webhook")->type_name("NAME");
    l->add_flag("--failures", tail.failures, "Only decisions in the failure branch");
    l->add_flag("--once", tail.once, "Show the earlier decisions and exit");
    l->footer(examples("  dialhookctl tail\n  dialhookctl tail --webhook crm --failures\n"
                       "  dialhookctl tail --json | jq 'select(.elapsed_ms > 1000)'"));
    l->callback([&] { line.command = tail; });
}

/// Returns what is wrong with a time, or nothing.
std::string read_since(const std::string& text, DeliveriesCommand& deliveries)
{
    const auto time = config::parse_time(text);
    if (!time)
        return "expected " + std::string(config::time_examples) + ", at most 24h, found " + harmless(text);
    deliveries.since = *time;
    return {};
}

void describe_events(CLI::App& app, CommandLine& line, Commands& commands)
{
    auto* const n =
        app.add_subcommand("notifications", "List the notifications, with what waits, was delivered or failed");
    n->footer(examples("  dialhookctl notifications\n  dialhookctl notifications --json"));
    n->callback([&] { line.command = NotificationsCommand{}; });

    auto* const d = app.add_subcommand("deliveries", "List deliveries of events, the oldest first");
    d->add_flag("--failed", commands.deliveries.failed, "Only those that were given up, or failed and wait");
    d->add_option("--call", commands.deliveries.call_id, "Only those of this call")->type_name("ID");
    d->add_option("--since", "Only those delivered, given up or, if they wait, reported no longer ago than this")
        ->check([&commands](const std::string& text) { return read_since(text, commands.deliveries); })
        ->type_name("TIME");
    d->footer(examples("  dialhookctl deliveries --failed --since 1h\n"
                       "  dialhookctl deliveries --call 1700000000.42\n"
                       "  dialhookctl deliveries --json | jq 'select(.attempts > 1)'"));
    d->callback([&] { line.command = commands.deliveries; });

    auto* const r = app.add_subcommand("replay", "Send a delivery again, with the webhook-id that it had");
    r->add_option("id", commands.replay.ids, "Its number in the list of deliveries; may be repeated")
        ->required()
        ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{INT64_MAX}))
        ->type_name("");
    r->footer(examples("  dialhookctl replay 4711"));
    r->callback([&] { line.command = commands.replay; });

    auto* const t =
        app.add_subcommand("test", "Send a made-up event to each URL of a notification; show request and reply");
    t->add_option("notification", commands.test.notification, "Name of the notification")->required()->type_name("");
    t->footer(examples("  dialhookctl test crm\n  dialhookctl test crm --json"));
    t->callback([&] { line.command = commands.test; });
}

/// Describes every command with its options; the chosen one fills `line`.
void describe(CLI::App& app, CommandLine& line, Commands& commands)
{
    auto& [route, attempt, plan, check_command, reload_command, webhooks_command, deliveries, replay, test, top, tail,
           mock] = commands;
    app.name("dialhookctl");
    app.description("Talks to a running Dialhook daemon, or plays the web server that it asks.");
    app.set_version_flag("--version", "dialhookctl " + std::string(version), "Show the version");
    app.add_option("--socket", line.socket, "Socket of the dialplan engines, for route")
        ->capture_default_str()
        ->type_name("PATH");
    app.add_option("--control", line.control, "Control socket, for all other commands except mock")
        ->capture_default_str()
        ->type_name("PATH");
    app.add_flag("--json", line.json, "Print JSON, one object a line, for programs");
    app.require_subcommand(1);
    app.fallthrough();
    app.footer(main_footer);

    auto* const r = app.add_subcommand("route", "Ask for a decision, as a dialplan engine would");
    r->add_option("webhook", route.webhook, "Name of the webhook; without it, the dialplan of --did decides")
        ->type_name("");
    describe_call(*r, route.call);
    r->add_option("--code", route.codes, "Code that the caller enters; may be repeated, for further questions")
        ->allow_extra_args(false)
        ->type_name("KEYS");
    r->add_flag("--explain", route.explain, "Show each attempt, and where the time went");
    r->footer(examples("  dialhookctl route crm --did +31502102544 --callerid +31612345678\n"
                       "  dialhookctl route \"CRM connection\" --did +31502102544 --explain --json\n"
                       "  dialhookctl route --did +31502102544 --code 1234 --code 4321"));
    r->callback([&line, &route = route] { line.command = route; });

    auto* const t = app.add_subcommand("try", "Try a webhook with an invented call; show request, reply and decision");
    t->add_option("webhook", attempt.webhook, "Name of the webhook")->required()->type_name("");
    describe_call(*t, attempt.call);
    t->add_option("--code", attempt.codes,
                  "Code that the caller enters, for a webhook with an ivr; the next answers a NAK")
        ->allow_extra_args(false)
        ->type_name("KEYS");
    t->footer(examples("  dialhookctl try crm --did +31502102544 --callerid +31612345678\n"
                       "  dialhookctl try \"CRM connection\" --did +31502102544 --code 1234 --json"));
    t->callback([&line, &attempt = attempt] { line.command = attempt; });

    auto* const p = app.add_subcommand("plan", "Explain a number's dialplan; sends nothing");
    // `route` and `try` want the same number as --did.
    p->add_option("did,--did", plan.did, "Called number")->required()->type_name("NUMBER");
    p->footer(examples("  dialhookctl plan +31502102544"));
    p->callback([&line, &plan = plan] { line.command = plan; });

    auto* const status = app.add_subcommand("status", "Show what the daemon is doing");
    status->footer(examples("  dialhookctl status\n  dialhookctl status --json --control /tmp/control.sock"));
    status->callback([&] { line.command = StatusCommand{}; });

    auto* const reload = app.add_subcommand("reload", "Read the configuration again; a faulty one changes nothing");
    reload->add_flag("--dry-run", reload_command.dry_run, "Say what it would change, and change nothing");
    reload->footer(examples("  dialhookctl reload\n  dialhookctl reload --dry-run"));
    reload->callback([&line, &reload_command = reload_command] { line.command = reload_command; });

    auto* const check =
        app.add_subcommand("check", "Check a configuration as the daemon would read it; applies nothing");
    check
        ->add_option_function<std::string>(
            "file",
            [&check_command = check_command](const std::string& file) {
                check_command.file = std::filesystem::absolute(file);
            },
            "The configuration; without it the daemon's own")
        ->check([](const std::string& file) { return file.empty() ? "the name of a file is empty" : ""; })
        ->type_name("");
    check->footer(examples("  dialhookctl check\n  dialhookctl check new.yaml"));
    check->callback([&line, &check_command = check_command] { line.command = check_command; });

    auto* const webhooks = app.add_subcommand("webhooks", "List the webhooks with their counts");
    webhooks
        ->add_option("--match", webhooks_command.match,
                     "Only those whose name has this in it; with * or ?, whose whole name is like this")
        ->type_name("PATTERN");
    webhooks->footer(examples("  dialhookctl webhooks\n  dialhookctl webhooks --match acme\n"
                              "  dialhookctl webhooks --match 'acme-*' --json"));
    webhooks->callback([&line, &webhooks_command = webhooks_command] { line.command = webhooks_command; });

    describe_events(app, line, commands);
    describe_live(app, line, top, tail);

    auto* const m = app.add_subcommand("mock", "Run a small web server that answers like a CRM; needs no daemon");
    m->add_option("--listen", "Address to listen on; port 0: any free port [127.0.0.1:8080]")
        ->check([&mock = mock](const std::string& text) { return read_listen(text, mock); })
        ->type_name("ADDRESS:PORT");
    m->add_option("--replies", mock.replies, "YAML file with rules; without it, built-in ones")->type_name("FILE");
    m->footer(examples("  dialhookctl mock\n  dialhookctl mock --listen 127.0.0.1:0 --replies replies.yaml"));
    m->callback([&line, &mock = mock] { line.command = mock; });
}

/// CLI11 takes the word after `--option=` for its value; here it is an empty one. Last argument first, as CLI11 wants
/// it.
std::vector<std::string> for_cli11(const std::vector<std::string>& arguments)
{
    std::vector<std::string> result;
    for (const std::string& argument : arguments) {
        const bool has_empty_value = argument.starts_with("--") && argument.find('=') == argument.size() - 1;
        result.push_back(argument.substr(0, argument.size() - (has_empty_value ? 1 : 0)));
        if (has_empty_value)
            result.emplace_back();
    }
    std::reverse(result.begin(), result.end());
    return result;
}

std::string complaint(const CLI::App& app, const CLI::ParseError& error)
{
    if (!app.get_subcommands().empty())
        return harmless(error.what());
    std::string commands;
    for (const CLI::App* command : app.get_subcommands({}))
        commands += (commands.empty() ? "" : ", ") + command->get_name();
    const auto words = app.remaining();
    const bool is_option = !words.empty() && words.front().starts_with('-');
    if (words.empty() || is_option)
        return (is_option ? "unknown option '" + harmless(words.front()) + "'; " : "") + "give one of the commands " +
               commands;
    return "unknown command '" + harmless(words.front()) + "'; the commands are " + commands;
}

CommandLineAnswer wrong_usage(const std::string& text)
{
    return {ExitCode::wrong_usage, {}, "dialhookctl: " + text + "\nRun dialhookctl --help for more.\n"};
}

} // namespace

std::variant<CommandLine, CommandLineAnswer> read_command_line(const std::vector<std::string>& arguments)
{
    for (const std::string& argument : arguments)
        if (!text::is_utf8(argument))
            return wrong_usage("not UTF-8: " + harmless(argument));

    CommandLine line;
    Commands commands;
    CLI::App app;
    describe(app, line, commands);
    try {
        app.parse(for_cli11(arguments));
    } catch (const CLI::ParseError& error) {
        std::ostringstream out;
        std::ostringstream err;
        if (app.exit(error, out, err) == 0)
            return CommandLineAnswer{ExitCode::done, out.str(), {}};
        return wrong_usage(complaint(app, error));
    }
    return line;
}

} // namespace dialhook::ctl
