#include "ctl/command_line.hpp"
#include "version.hpp"

#include <gmock/gmock.h>

namespace dialhook::ctl {
namespace {

using testing::HasSubstr;
using Arguments = std::vector<std::string>;

CommandLine read(const Arguments& arguments)
{
    const auto result = read_command_line(arguments);
    if (const auto* answered = std::get_if<CommandLineAnswer>(&result)) {
        ADD_FAILURE() << answered->err << answered->out;
        return {};
    }
    return std::get<CommandLine>(result);
}

template <class Command>
Command command_of(const Arguments& arguments)
{
    const CommandLine line = read(arguments);
    if (const auto* command = std::get_if<Command>(&line.command))
        return *command;
    ADD_FAILURE() << "another command was read";
    return {};
}

CommandLineAnswer answered(const Arguments& arguments)
{
    const auto result = read_command_line(arguments);
    if (const auto* answer = std::get_if<CommandLineAnswer>(&result))
        return *answer;
    ADD_FAILURE() << "the arguments were accepted";
    return {};
}

TEST(CommandLine, HasTheDocumentedDefaults)
{
    const CommandLine line = read({"status"});
    EXPECT_EQ(line.socket, "/run/dialhook/dialhook.sock");
    EXPECT_EQ(line.control, "/run/dialhook/control.sock");
    EXPECT_FALSE(line.json);
    EXPECT_TRUE(std::holds_alternative<StatusCommand>(line.command));
}

TEST(CommandLine, ADryRunAndAPatternAreAskedFor)
{
    EXPECT_FALSE(command_of<ReloadCommand>({"reload"}).dry_run);
    EXPECT_TRUE(command_of<ReloadCommand>({"reload", "--dry-run"}).dry_run);
    EXPECT_EQ(command_of<WebhooksCommand>({"webhooks"}).match, std::nullopt);
    EXPECT_EQ(command_of<WebhooksCommand>({"webhooks", "--match", "a* b"}).match, "a* b");
    EXPECT_EQ(answered({"webhooks", "--match"}).code, ExitCode::wrong_usage);
    EXPECT_EQ(answered({"status", "--dry-run"}).code, ExitCode::wrong_usage);
}

TEST(CommandLine, OptionsStandBeforeOrAfterTheCommand)
{
    const Arguments orders[] = {
        {"--json", "--control", "/tmp/c", "webhooks"},
        {"webhooks", "--json", "--control", "/tmp/c"},
        {"--control=/tmp/c", "webhooks", "--json"},
    };
    for (const Arguments& order : orders) {
        const CommandLine line = read(order);
        EXPECT_TRUE(line.json);
        EXPECT_EQ(line.control, "/tmp/c");
        EXPECT_TRUE(std::holds_alternative<WebhooksCommand>(line.command));
    }
}

TEST(CommandLine, ReadsACall)
{
    const auto route = command_of<RouteCommand>({"route", "CRM connection", "--did", "+31502102544", "--callerid",
                                                 "+31612345678", "--callername", "Jan {x} [1,2]", "--call-id", "a-1",
                                                 "--presentation", "prohibited", "--explain"});
    EXPECT_EQ(route.webhook, "CRM connection");
    EXPECT_EQ(route.call.did, "+31502102544");
    EXPECT_EQ(route.call.callerid, "+31612345678");
    EXPECT_EQ(route.call.callername, "Jan {x} [1,2]");
    EXPECT_EQ(route.call.call_id, "a-1");
    EXPECT_EQ(route.call.presentation, "prohibited");
    EXPECT_TRUE(route.explain);
}

TEST(CommandLine, ReadsAnAttempt)
{
    const auto attempt =
        command_of<TryCommand>({"try", "CRM connection", "--did", "101", "--callerid=", "--code", "1", "--code", "22"});
    EXPECT_EQ(attempt.webhook, "CRM connection");
    EXPECT_EQ(attempt.call.did, "101");
    EXPECT_EQ(attempt.call.callerid, "");
    EXPECT_EQ(attempt.call.presentation, std::nullopt);
    EXPECT_EQ(attempt.codes, (std::vector<std::string>{"1", "22"}));
    EXPECT_EQ(answered({"try", "--did", "101"}).code, ExitCode::wrong_usage) << "a webhook must be named";
}

TEST(CommandLine, WhatIsNotSaidOfACallIsAbsent)
{
    const auto route = command_of<RouteCommand>({"route", "--did", "101"});
    EXPECT_EQ(route.webhook, std::nullopt);
    EXPECT_EQ(route.call.callerid, std::nullopt);
    EXPECT_EQ(route.call.callername, std::nullopt);
    EXPECT_EQ(route.call.call_id, std::nullopt);
    EXPECT_EQ(route.call.presentation, std::nullopt);
    EXPECT_FALSE(route.explain);
}

TEST(CommandLine, AnEmptyCalleridIsAWithheldOneHoweverItIsWritten)
{
    EXPECT_EQ(command_of<RouteCommand>({"route", "crm", "--callerid", "", "--did", "1"}).call.callerid, "");
    EXPECT_EQ(command_of<RouteCommand>({"route", "crm", "--callerid=", "--did", "1"}).call.callerid, "");
    EXPECT_EQ(command_of<RouteCommand>({"route", "crm", "--did", "1", "--callerid="}).call.callerid, "");
    EXPECT_EQ(command_of<RouteCommand>({"route", "crm", "--did", "1", "--callerid=a="}).call.callerid, "a=");
}

TEST(CommandLine, ReadsWhereTheMockListens)
{
    EXPECT_EQ(command_of<MockCommand>({"mock"}).address, "127.0.0.1");
    EXPECT_EQ(command_of<MockCommand>({"mock"}).port, 8080);
    EXPECT_EQ(command_of<MockCommand>({"mock", "--listen", "localhost:0"}).address, "127.0.0.1");
    EXPECT_EQ(command_of<MockCommand>({"mock", "--listen", "[::1]:8081"}).address, "::1");
    EXPECT_EQ(command_of<MockCommand>({"mock", "--listen", "0.0.0.0:65535"}).port, 65535);
    EXPECT_EQ(command_of<MockCommand>({"mock", "--replies", "a.yaml"}).replies, "a.yaml");
    for (const char* wrong : {"", "8080", ":8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1",
                              "::1:80", "[127.0.0.1]:80", "crm.lan:80", "127.0.0.1:80x"})
        EXPECT_THAT(answered({"mock", "--listen", wrong}).err, HasSubstr("expected ADDRESS:PORT")) << wrong;
}

TEST(CommandLine, ReadsWhatIsAskedOfEvents)
{
    using namespace std::chrono_literals;
    EXPECT_TRUE(std::holds_alternative<NotificationsCommand>(read({"notifications"}).command));
    const auto all = command_of<DeliveriesCommand>({"deliveries"});
    EXPECT_FALSE(all.failed || all.call_id || all.since);
    const auto some = command_of<DeliveriesCommand>({"deliveries", "--failed", "--call", "42", "--since", "1.5h"});
    EXPECT_TRUE(some.failed);
    EXPECT_EQ(some.call_id, "42");
    EXPECT_EQ(some.since, 90min);
    EXPECT_EQ(command_of<ReplayCommand>({"replay", "7", "9007199254740993"}).ids,
              (std::vector<std::uint64_t>{7, 9007199254740993}));
    EXPECT_EQ(command_of<TestCommand>({"test", "screen pop"}).notification, "screen pop");
}

TEST(CommandLine, SaysWhatIsWrongWithWhatIsAskedOfEvents)
{
    const std::pair<Arguments, const char*> cases[] = {
        {{"deliveries", "--since", "yesterday"}, "expected a time such as"},
        {{"deliveries", "--since", "25h"}, "at most 24h, found 25h"},
        {{"replay"}, "id is required"},
        {{"replay", "0"}, "0"},
        {{"replay", "1", "-1"}, "-1"},
        {{"replay", "x"}, "x"},
        {{"test"}, "notification is required"},
    };
    for (const auto& [arguments, words] : cases)
        EXPECT_THAT(answered(arguments).err, HasSubstr(words));
}

TEST(CommandLine, SaysWhatIsWrong)
{
    struct Case
    {
        Arguments arguments;
        std::string text;
    };
    const Case cases[] = {
        {{},
         "dialhookctl: give one of the commands route, try, plan, status, reload, check, webhooks, notifications, "
         "deliveries, replay, test, top, tail, mock\n"},
        {{"statsu"},
         "dialhookctl: unknown command 'statsu'; the commands are route, try, plan, status, reload, check, webhooks, "
         "notifications, deliveries, replay, test, top, tail, mock\n"},
        {{"--bogus"},
         "dialhookctl: unknown option '--bogus'; give one of the commands route, try, plan, status, reload, check, "
         "webhooks, notifications, deliveries, replay, test, top, tail, mock\n"},
        {{"status", "--bogus"}, "dialhookctl: The following argument was not expected: --bogus\n"},
        {{"reload", "now"}, "dialhookctl: The following argument was not expected: now\n"},
        {{"route", "crm"}, "dialhookctl: --did is required\n"},
        {{"route", "--did", "1", "--presentation", "no"},
         "dialhookctl: --presentation: no not in {allowed,prohibited}\n"},
        {{"route", "--did", "\xff"}, "dialhookctl: not UTF-8: \\xff\n"},
        {{"status", "\x1b[2J"}, "dialhookctl: The following argument was not expected: \\x1b[2J\n"},
    };
    for (const Case& c : cases) {
        const CommandLineAnswer answer = answered(c.arguments);
        EXPECT_EQ(answer.code, ExitCode::wrong_usage);
        EXPECT_EQ(answer.out, "");
        EXPECT_EQ(answer.err, c.text + "Run dialhookctl --help for more.\n");
    }
}

TEST(CommandLine, HelpAndVersionAreEverywhere)
{
    for (const std::string command : {"route", "status", "reload", "webhooks", "mock"}) {
        const CommandLineAnswer help = answered({command, "--help"});
        EXPECT_EQ(help.code, ExitCode::done);
        EXPECT_THAT(help.out, HasSubstr("Examples:\n  dialhookctl " + command));
        EXPECT_EQ(answered({command, "--version"}).out, "dialhookctl " + std::string(version) + "\n");
        EXPECT_THAT(answered({"--help"}).out, HasSubstr("  " + command + " "));
    }
    EXPECT_EQ(answered({"--version"}).out, "dialhookctl " + std::string(version) + "\n");
    EXPECT_EQ(answered({"--version"}).code, ExitCode::done);
}

} // namespace
} // namespace dialhook::ctl
