#include "config/load_cache.hpp"
#include "unit/config/loading.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace dialhook::config::test {
namespace {

using namespace std::chrono_literals;

/// A configuration as text: enough to tell two of them apart.
std::string shown(const Configuration& configuration)
{
    std::string text;
    for (const Webhook& webhook : configuration.webhooks) {
        text += webhook.name.str() + ' ' + webhook.url.shown() + ' ' + webhook.description + ' ' +
                std::to_string(webhook.timeout.count());
        if (webhook.headers)
            for (const RequestHeader& header : *webhook.headers)
                text += ' ' + header.name() + '=' + header.value();
        text += '\n';
    }
    for (const dialplan::Dialplan& plan : configuration.dialplans.plans())
        text += plan.key + (plan.webhook ? " -> " + plan.webhook->webhook.str() : std::string()) + '\n';
    for (const events::Notification& notification : *configuration.notifications)
        text += "tells " + notification.name.str() + '\n';
    for (const Fault& warning : configuration.warnings)
        text += warning.str() + '\n';
    return text;
}

std::string outcome(const boost::system::result<Configuration, Faults>& loaded)
{
    if (loaded)
        return shown(*loaded);
    std::string text;
    for (const Fault& fault : loaded.error())
        text += fault.str() + '\n';
    return text;
}

/// Changes files between loads, each of which must come to what a first load comes to.
class LoadCacheTest : public testing::Test
{
protected:
    LoadCacheTest()
    {
        const auto later = [] { return std::chrono::system_clock::now() + 1h; }; // so that every time tells
        cache.files = KeptFiles(LoadCache::max_file, later);
        cache.secrets = KeptFiles(Secrets::max_size, later);
        folder.write("main.yaml", "include: conf.d/*.yaml\n");
        for (const std::string name : {"a", "b", "c"})
            folder.write("conf.d/" + name + ".yaml", webhook_file(name));
    }

    static std::string webhook_file(const std::string& name, const std::string& more = {})
    {
        return "webhooks:\n  " + name + ": {url: \"http://x/" + name + "\"" + more + "}\n";
    }

    /// What one more load comes to.
    std::string load_again()
    {
        const auto before = cache.files.files_read();
        std::string cached = outcome(load(folder.path() / "main.yaml", environment, cache));
        files_read = cache.files.files_read() - before;
        EXPECT_EQ(cached, outcome(load(folder.path() / "main.yaml", environment)));
        return folder.shown(cached);
    }

    const Folder folder;
    Environment environment;
    LoadCache cache;
    std::uint64_t files_read = 0; ///< by the last load
};

TEST_F(LoadCacheTest, OnlyChangedFilesAreRead)
{
    const std::string first = load_again();
    EXPECT_EQ(files_read, 4U);
    EXPECT_EQ(load_again(), first);
    EXPECT_EQ(files_read, 0U);
    folder.write("conf.d/b.yaml", webhook_file("b", ", timeout: 10s"));
    EXPECT_NE(load_again(), first);
    EXPECT_EQ(files_read, 1U);
}

TEST_F(LoadCacheTest, UnchangedWebhooksAreTheSameObjects)
{
    const auto before = load(folder.path() / "main.yaml", environment, cache);
    folder.write("conf.d/b.yaml", webhook_file("b", ", timeout: 10s"));
    const auto after = load(folder.path() / "main.yaml", environment, cache);
    ASSERT_TRUE(before && after);
    EXPECT_EQ(&before->webhooks[0], &after->webhooks[0]);
    EXPECT_NE(&before->webhooks[1], &after->webhooks[1]);
    EXPECT_EQ(&before->webhooks[2], &after->webhooks[2]);
}

TEST_F(LoadCacheTest, AFileMayComeGoAndBeReplaced)
{
    load_again();
    folder.write("conf.d/0.yaml", webhook_file("0"));
    load_again();
    EXPECT_EQ(files_read, 1U);
    std::filesystem::remove(folder.path() / "conf.d/b.yaml");
    load_again();
    EXPECT_EQ(files_read, 0U);
    EXPECT_EQ(cache.files.size(), 4U);
    std::filesystem::rename(folder.write("beside", webhook_file("A")), folder.path() / "conf.d/a.yaml");
    EXPECT_TRUE(load_again().starts_with("0 http://x/0  5000\nA "));
    std::filesystem::rename(folder.path() / "conf.d/c.yaml", folder.path() / "conf.d/00.yaml");
    load_again();
}

TEST_F(LoadCacheTest, AFaultThatStaysIsSaidEachTimeAndARepairIsSeen)
{
    load_again();
    folder.write("conf.d/b.yaml", webhook_file("b", ", timeout: never"));
    const std::string faults = load_again();
    EXPECT_TRUE(faults.starts_with("conf.d/b.yaml:2:")) << faults;
    EXPECT_EQ(load_again(), faults);
    EXPECT_EQ(files_read, 0U) << "it is parsed again, not read";
    folder.write("conf.d/b.yaml", webhook_file("b"));
    EXPECT_EQ(load_again(), "a http://x/a  5000\nb http://x/b  5000\nc http://x/c  5000\n");
}

TEST_F(LoadCacheTest, AWarningIsSaidEachTime)
{
    folder.write("conf.d/b.yaml", webhook_file("b", ", description: x, fallback_url: \"http://x/?did={{did}}\""));
    const std::string first = load_again();
    EXPECT_NE(first.find("conf.d/b.yaml:2:"), std::string::npos) << first;
    EXPECT_NE(first.find(": warning: "), std::string::npos) << first;
    EXPECT_EQ(load_again(), first);
}

TEST_F(LoadCacheTest, NamesThatStandTwiceAreSaidAtTheirPlaces)
{
    load_again();
    folder.write("conf.d/00.yaml", webhook_file("c"));
    const std::string faults = load_again();
    EXPECT_EQ(faults, "conf.d/c.yaml:2:3: webhooks: \"c\" appears twice; the first one is at conf.d/00.yaml:2:3\n");
    EXPECT_EQ(load_again(), faults);
    std::filesystem::remove(folder.path() / "conf.d/00.yaml");
    load_again();
}

TEST_F(LoadCacheTest, NamesAreInOrderWhateverTheirFilesAreCalled)
{
    const std::vector<std::string> names{"q", "d", "z", "B", "m", "a1"};
    for (std::size_t at = 0; at < names.size(); ++at)
        folder.write("conf.d/" + std::to_string(at) + ".yaml", webhook_file(names[at]));
    load_again();
    folder.write("conf.d/1.yaml", webhook_file("y"));
    folder.write("conf.d/6.yaml", webhook_file("0") + "  c1: {url: \"http://x/\"}\n");
    std::filesystem::remove(folder.path() / "conf.d/4.yaml");
    const std::string after = load_again();
    std::string order;
    for (std::size_t at = 0; at != std::string::npos && at < after.size(); at = after.find('\n', at) + 1)
        order += after.substr(at, after.find(' ', at) - at) + ' ';
    EXPECT_EQ(order, "0 B a a1 b c c1 q y z ");
    folder.write("conf.d/0.yaml", webhook_file("z"));
    folder.write("conf.d/5.yaml", webhook_file("c"));
    load_again(); // both names stand twice: with one of an unchanged file that comes later, and one that comes earlier
    load_again();
}

TEST_F(LoadCacheTest, ADialplanMissesAWebhookThatAnotherFileHad)
{
    folder.write("conf.d/d.yaml", "dialplans: { \"100\": [ { webhook: a } ], \"101\": [ { webhook: b } ] }\n");
    load_again();
    std::filesystem::remove(folder.path() / "conf.d/a.yaml");
    const std::string faults = load_again();
    EXPECT_NE(faults.find("there is no webhook \"a\""), std::string::npos) << faults;
    EXPECT_EQ(load_again(), faults);
    folder.write("conf.d/a.yaml", webhook_file("a"));
    EXPECT_NE(load_again().find("100 -> a\n101 -> b\n"), std::string::npos);
}

TEST_F(LoadCacheTest, TheMainFileGoesIntoAllOthers)
{
    load_again();
    folder.write("main.yaml", "include: conf.d/*.yaml\ndefaults: {timeout: 9s}\n");
    EXPECT_TRUE(load_again().starts_with("a http://x/a  9000\n"));
    EXPECT_EQ(files_read, 1U);
    folder.write("main.yaml", "include: conf.d/*.yaml\ndefaults: {timeout: 99}\nserver: {threads: none}\n");
    load_again();
    folder.write("main.yaml", "include: conf.d/*.yaml\ndefaults: {timeout: 9s}\n");
    EXPECT_TRUE(load_again().starts_with("a http://x/a  9000\n"));
    folder.write("main.yaml", "include: conf.d/[ab].yaml\nwebhooks: {m: {url: \"http://x/\"}}\n");
    EXPECT_EQ(load_again(), "a http://x/a  5000\nb http://x/b  5000\nm http://x/  5000\n");
    EXPECT_EQ(cache.files.size(), 3U);
    folder.write("main.yaml", "{\n");
    load_again();
    std::filesystem::remove(folder.path() / "main.yaml");
    load_again();
}

/// The file that names it does not change.
TEST_F(LoadCacheTest, SecretsAreReadAgainWhereverTheyStand)
{
    const std::string dir = folder.path().string();
    folder.write("main.yaml", "include: conf.d/*.yaml\ndefaults: {headers: {M: \"${file:" + dir + "/main}\"}}\n");
    folder.write("conf.d/b.yaml", webhook_file("b", ", headers: {X: \"${credential:token}\"}"));
    folder.write("main", "m1");
    folder.write("credentials/token", "t1");
    environment.credentials_directory = folder.path() / "credentials";
    EXPECT_EQ(load_again(), "a http://x/a  5000 M=m1\nb http://x/b  5000 X=t1\nc http://x/c  5000 M=m1\n");
    EXPECT_EQ(load_again(), "a http://x/a  5000 M=m1\nb http://x/b  5000 X=t1\nc http://x/c  5000 M=m1\n");
    EXPECT_EQ(files_read, 0U);
    folder.write("credentials/token", "token 2");
    EXPECT_EQ(load_again(), "a http://x/a  5000 M=m1\nb http://x/b  5000 X=token 2\nc http://x/c  5000 M=m1\n");
    folder.write("main", "main 2");
    EXPECT_EQ(load_again(), "a http://x/a  5000 M=main 2\nb http://x/b  5000 X=token 2\nc http://x/c  5000 M=main 2\n");
    EXPECT_EQ(files_read, 0U);
    std::filesystem::remove(folder.path() / "credentials/token");
    EXPECT_NE(load_again().find("conf.d/b.yaml:2:"), std::string::npos);
    folder.write("credentials/token", "t3");
    EXPECT_NE(load_again().find("X=t3"), std::string::npos);
}

TEST_F(LoadCacheTest, CertificatesAreCheckedInEachLoad)
{
    std::optional<std::string> fault;
    environment.check_tls = [&fault](const TlsOptions&) { return fault; };
    folder.write("conf.d/b.yaml", webhook_file("b", ", tls: {ca_file: /ca.pem}"));
    load_again();
    fault = "/ca.pem has no certificate";
    EXPECT_NE(load_again().find("conf.d/b.yaml:2:"), std::string::npos);
    EXPECT_NE(load_again().find("webhooks.b.tls.ca_file: /ca.pem has no certificate"), std::string::npos);
    fault.reset();
    EXPECT_TRUE(load_again().starts_with("a "));
}

TEST_F(LoadCacheTest, NotificationsAndTheMainFileAmongTheIncluded)
{
    folder.write("main.yaml", "include: [\"*.yaml\", conf.d/*.yaml]\n");
    folder.write("conf.d/n.yaml", "notifications: {crm: {url: \"http://x/\"}}\n");
    const std::string first = load_again();
    EXPECT_NE(first.find("tells crm\n"), std::string::npos);
    EXPECT_EQ(load_again(), first);
    EXPECT_EQ(files_read, 0U);
    std::filesystem::create_directory(folder.path() / "sub.yaml");
    EXPECT_NE(load_again().find("is a folder"), std::string::npos);
}

} // namespace
} // namespace dialhook::config::test
