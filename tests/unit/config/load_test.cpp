#include "unit/config/loading.hpp"
#include "yaml/fault_list.hpp"

#include <chrono>
#include <stdlib.h>
#include <string>

namespace dialhook::config::test {
namespace {

TEST(Load, AFileThatCannotBeReadIsAFault)
{
    const Folder folder;
    EXPECT_EQ(folder.faults_of("none.yaml"), "none.yaml: the file cannot be read: No such file or directory");
    EXPECT_EQ(folder.faults_of(""), ": the file cannot be read: Is a directory");
}

TEST(Load, FaultsComeByFileAndPlace)
{
    EXPECT_EQ(faults_of("webhooks: {crm: {url: \"http://x/\", redirects: x}}\nserver: {threads: x}\negress: 1\n"),
              "1:47: webhooks.crm.redirects: found \"x\", expected a whole number from 0 to 20\n"
              "2:19: server.threads: found \"x\", expected a whole number from 1 to 256\n"
              "3:9: egress: found a number, expected a mapping (`key: value`)");
}

TEST(Load, AThousandFaultsAreShownAndTheRestCounted)
{
    const Folder folder;
    std::string yaml = "webhooks:\n";
    for (int i = 0; i < 1234; ++i)
        yaml += "  n" + std::to_string(i) + ": {url: \"http://x/\", timeout: 0}\n";
    folder.write("main.yaml", yaml);
    const auto loaded = load(folder.path() / "main.yaml", {});
    ASSERT_FALSE(loaded);
    ASSERT_EQ(loaded.error().size(), FaultList::limit + 1);
    EXPECT_EQ(folder.shown(loaded.error()[999].str()),
              "main.yaml:1001:37: webhooks.n999.timeout: found 0, expected a time from 1ms to 24h");
    EXPECT_EQ(folder.shown(loaded.error().back().str()), "main.yaml: 234 more faults are not shown");
    EXPECT_EQ(counted(loaded.error()), "1234 faults");
}

TEST(Load, WarningsRefuseNothingAndComeWithFaultsInTheirOrder)
{
    EXPECT_EQ(
        warnings_of("dialplans: {\"1\": [dail: \"1\"]}\n"),
        "1:19: warning: dialplans.1: found \"dail\" as a step, which no integration of Dialhook knows; did you mean "
        "\"dial\"?");
    EXPECT_EQ(
        faults_of("server: {threads: x}\ndialplans: {\"1\": [dail: \"1\"]}\negress: 1\n"),
        "1:19: server.threads: found \"x\", expected a whole number from 1 to 256\n"
        "2:19: warning: dialplans.1: found \"dail\" as a step, which no integration of Dialhook knows; did you mean "
        "\"dial\"?\n"
        "3:9: egress: found a number, expected a mapping (`key: value`)");
}

TEST(Load, AHundredWarningsAreShownAndTheRestCounted)
{
    const Folder folder;
    std::string yaml = "dialplans:\n";
    for (int i = 0; i < 101; ++i)
        yaml += "  \"" + std::to_string(i) + "\": [dail: \"1\"]\n";
    folder.write("main.yaml", yaml);
    const auto warnings = folder.load_well("main.yaml").warnings;
    ASSERT_EQ(warnings.size(), FaultList::warning_limit + 1);
    EXPECT_EQ(folder.shown(warnings.back().str()), "main.yaml: warning: 1 more warning is not shown");
    EXPECT_EQ(counted(warnings), "no faults, 101 warnings");
}

TEST(Load, FaultsAreCountedInWords)
{
    EXPECT_EQ(counted({}), "no faults");
    EXPECT_EQ(counted({{"a", 1, 1, "x"}}), "1 fault");
    EXPECT_EQ(counted({{"a", 1, 1, "x"}, {"a", 1, 1, "y", true}, {"a", 0, 0, "z", false, 7}}), "8 faults, 1 warning");
}

TEST(Load, CredentialsOfAServiceElsewhereAreNoFaultHere)
{
    Environment environment;
    environment.credentials_are_elsewhere = true;
    EXPECT_EQ(
        warnings_of(with_webhook("headers: {X-A: \"a ${credential:token}\"}\nsecret: ${credential:key}"), environment),
        "4:23: warning: webhooks.crm.headers.X-A: the credential \"token\" is not looked at, since systemd hands it "
        "to the service alone\n"
        "5:13: warning: webhooks.crm.secret: the credential \"key\" is not looked at, since systemd hands it to the "
        "service alone");
}

TEST(Load, TwoThousandWebhooksTakeNoTime)
{
    std::string yaml = "defaults: {headers: {X-A: b}}\nwebhooks:\n";
    for (int i = 0; i < 2000; ++i)
        yaml += "  customer " + std::to_string(i) +
                ":\n    url: https://crm.example/route?did={did}&from={callerid}\n" + "    description: Customer " +
                std::to_string(i) + "\n    destinations: [\"+31*\"]\n";
    const auto start = std::chrono::steady_clock::now();
    const auto webhooks = load_well(yaml).webhooks;
    EXPECT_LT(std::chrono::steady_clock::now() - start,
              std::chrono::seconds(5)); // generous: sanitizers, a busy machine
    ASSERT_EQ(webhooks.size(), 2000U);
    EXPECT_EQ(webhooks.front().headers, webhooks.back().headers);
    EXPECT_EQ(webhooks.front().destinations, webhooks.back().destinations);
}

TEST(Load, TheEnvironmentOfTheProcessHasTheCredentialsOfSystemd)
{
    ::setenv("CREDENTIALS_DIRECTORY", "/run/credentials/dialhook.service", 1);
    EXPECT_EQ(Environment::of_process().credentials_directory, "/run/credentials/dialhook.service");
    ::unsetenv("CREDENTIALS_DIRECTORY");
    EXPECT_TRUE(Environment::of_process().credentials_directory.empty());
}

} // namespace
} // namespace dialhook::config::test
