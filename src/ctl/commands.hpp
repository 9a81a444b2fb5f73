#pragma once

#include "ctl/command_line.hpp"

#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

namespace dialhook::ctl {

class DaemonRefusal;

/// Runs `dialhookctl`: reads the arguments after the program's name, does what they say, writes to `out` and `err`,
/// and returns the exit status. Throws nothing that a user could cause.
[[nodiscard]] int run(const std::vector<std::string>& arguments, std::ostream& out, std::ostream& err);

/// Returns the end of an error about a webhook that is not there: the name nearest to it, and how to see all of them.
std::string other_webhooks(const CommandLine& line, std::string_view unknown);

/// Writes what the daemon refused, why, and what helps.
void show_refusal(const DaemonRefusal& refusal, const CommandLine& line, std::ostream& out, std::ostream& err);

/// One of the commands that ask the daemon. Each throws a `CommandFailure` when there is no answer to show.
[[nodiscard]] ExitCode route(const CommandLine& line, const RouteCommand& command, std::ostream& out,
                             std::ostream& err);
[[nodiscard]] ExitCode dry_run(const CommandLine& line, const TryCommand& command, std::ostream& out);
[[nodiscard]] ExitCode plan(const CommandLine& line, const PlanCommand& command, std::ostream& out);
[[nodiscard]] ExitCode status(const CommandLine& line, std::ostream& out);
[[nodiscard]] ExitCode reload(const CommandLine& line, const ReloadCommand& command, std::ostream& out,
                              std::ostream& err);
[[nodiscard]] ExitCode check(const CommandLine& line, const CheckCommand& command, std::ostream& out,
                             std::ostream& err);
[[nodiscard]] ExitCode webhooks(const CommandLine& line, const WebhooksCommand& command, std::ostream& out);

/// The commands about call events. `replay` shows each refusal and goes on with the next; it ends with `refused` if
/// there was one, and so does `test_notification` unless every URL took the event.
[[nodiscard]] ExitCode notifications(const CommandLine& line, std::ostream& out);
[[nodiscard]] ExitCode deliveries(const CommandLine& line, const DeliveriesCommand& command, std::ostream& out,
                                  std::ostream& err);
[[nodiscard]] ExitCode replay(const CommandLine& line, const ReplayCommand& command, std::ostream& out,
                              std::ostream& err);
[[nodiscard]] ExitCode test_notification(const CommandLine& line, const TestCommand& command, std::ostream& out);

/// These two go on until they are interrupted.
[[nodiscard]] ExitCode top(const CommandLine& line, const TopCommand& command, std::ostream& out);
[[nodiscard]] ExitCode tail(const CommandLine& line, const TailCommand& command, std::ostream& out, std::ostream& err);

/// Runs the mock web server; returns after SIGINT or SIGTERM. Throws a `CommandFailure` when it cannot start.
[[nodiscard]] ExitCode mock(const CommandLine& line, const MockCommand& command, std::ostream& out);

} // namespace dialhook::ctl
