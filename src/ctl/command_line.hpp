#pragma once

#include "ctl/exit_code.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace dialhook::ctl {

/// The call that `route` and `try` make up. All texts are UTF-8; what is absent is left to the daemon.
struct SampleCall
{
    std::string did;
    std::optional<std::string> callerid; ///< empty: withheld
    std::optional<std::string> callername;
    std::optional<std::string> call_id;
    std::optional<std::string> presentation; ///< `allowed` or `prohibited`; the daemon's default is `allowed`
    std::vector<std::string> vars;           ///< each `NAME=VALUE`
};

/// `route`: asks for a decision as a dialplan engine would.
struct RouteCommand
{
    std::optional<std::string> webhook; ///< without it the daemon follows the dialplan of the DID
    SampleCall call;
    bool explain = false;
    std::vector<std::string> codes; ///< what the caller enters, one for each question; further ones are asked for
};

/// `try`: makes a dry run of a webhook and shows all of it.
struct TryCommand
{
    std::string webhook;
    SampleCall call;
    std::vector<std::string> codes; ///< each is one dispatch, until one does not get a NAK
};

/// `plan`: explains the dialplan of a number.
struct PlanCommand
{
    std::string did;
};

/// `check`: has the daemon read a configuration without applying it.
struct CheckCommand
{
    std::optional<std::filesystem::path> file; ///< absolute; without it the daemon's own
};

struct StatusCommand
{
};
struct ReloadCommand
{
    bool dry_run = false; ///< says what it would change instead
};

/// `webhooks`: the list of them.
struct WebhooksCommand
{
    std::optional<std::string> match; ///< those whose name matches, see base/name_pattern.hpp; else all
};

struct NotificationsCommand
{
};

/// `deliveries`: events and requests that wait, were delivered, or were given up.
struct DeliveriesCommand
{
    bool failed = false;                            ///< those given up, or that failed and wait for another attempt
    std::optional<std::string> call_id;             ///< of this call alone
    std::optional<std::chrono::milliseconds> since; ///< delivered, given up or reported no longer ago than this
};

/// `replay`: sends deliveries again.
struct ReplayCommand
{
    std::vector<std::uint64_t> ids; ///< at least one; each above 0
};

/// `test`: sends a made-up event to each URL of a notification.
struct TestCommand
{
    std::string notification;
};

/// `top`: the busiest webhooks, live.
struct TopCommand
{
    bool once = false; ///< a single table instead
};

/// `tail`: decisions as they are made.
struct TailCommand
{
    std::uint32_t lines = 10;           ///< of those made before
    std::optional<std::string> webhook; ///< its decisions alone
    bool failures = false;              ///< those in the failure branch alone
    bool once = false;                  ///< those made before, and no more
};

/// `mock`: a web server that answers like a CRM; needs no daemon.
struct MockCommand
{
    std::string address = "127.0.0.1"; ///< a literal address
    std::uint16_t port = 8080;         ///< 0: a free one
    std::optional<std::filesystem::path> replies;
};

struct CommandLine
{
    std::filesystem::path socket = "/run/dialhook/dialhook.sock";
    std::filesystem::path control = "/run/dialhook/control.sock";
    bool json = false;
    std::variant<StatusCommand, RouteCommand, TryCommand, PlanCommand, CheckCommand, ReloadCommand, WebhooksCommand,
                 NotificationsCommand, DeliveriesCommand, ReplayCommand, TestCommand, TopCommand, TailCommand,
                 MockCommand>
        command;
};

/// The command line was answered by reading it: help, the version, or what is wrong with it.
struct CommandLineAnswer
{
    ExitCode code;
    std::string out; ///< for standard output
    std::string err; ///< for standard error
};

/// Reads the arguments after the program's name. Options may stand before or after the command.
[[nodiscard]] std::variant<CommandLine, CommandLineAnswer> read_command_line(const std::vector<std::string>& arguments);

} // namespace dialhook::ctl
