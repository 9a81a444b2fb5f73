#include "unit/config/loading.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace dialhook::config::test {
namespace {

std::vector<std::string> names(const Configuration& configuration)
{
    std::vector<std::string> result;
    for (const auto& webhook : configuration.webhooks)
        result.push_back(webhook.name.str());
    return result;
}

std::string webhook_file(const std::string& name)
{
    return "webhooks:\n  " + name + ": {url: \"http://x/\"}\n";
}

TEST(Include, JoinsWebhooksAndGivesThemTheDefaults)
{
    const Folder folder;
    folder.write("main.yaml", "include: conf.d/*.yaml\ndefaults: {timeout: 3s}\n" + webhook_file("m"));
    folder.write("conf.d/2.yaml", webhook_file("b"));
    folder.write("conf.d/1.yaml", webhook_file("z"));
    folder.write("conf.d/note.txt", "not for us");
    folder.write("conf.d/.hidden.yaml", "nor this");
    const auto configuration = folder.load_well("main.yaml");
    EXPECT_EQ(names(configuration), (std::vector<std::string>{"b", "m", "z"}));
    EXPECT_EQ(configuration.webhooks.at(0).timeout, std::chrono::seconds(3));
}

TEST(Include, TakesAListAndReadsEachFileOnceButNeverTheMainFile)
{
    const Folder folder;
    folder.write("main.yaml", "include: [\"*.yaml\", a.yaml, \"" + (folder.path() / "b.yaml").string() + "\"]\n" +
                                  webhook_file("m"));
    folder.write("a.yaml", webhook_file("a"));
    folder.write("b.yaml", webhook_file("b"));
    EXPECT_EQ(names(folder.load_well("main.yaml")), (std::vector<std::string>{"a", "b", "m"}));
}

TEST(Include, NoMatchOfAPatternIsNoFault)
{
    const Folder folder;
    folder.write("main.yaml", "include: [conf.d/*.yaml, none*.yaml]\n");
    folder.write("conf.d/note.txt", "");
    EXPECT_EQ(folder.faults_of("main.yaml"), "");
    EXPECT_EQ(folder.warnings_of("main.yaml"), "");
}

TEST(Include, OneFileThatIsNotThereIsAFault)
{
    const Folder folder;
    folder.write("main.yaml", "include: [custmers.yaml, main.yaml/x, /nowhere/a.yaml, conf\xC2\xA0.yaml]\n");
    EXPECT_EQ(
        folder.faults_of("main.yaml"),
        "main.yaml:1:11: include: there is no file \"custmers.yaml\"; correct its name, or write a pattern such as "
        "conf.d/*.yaml if it may be missing\n"
        "main.yaml:1:26: include: there is no file \"main.yaml/x\"; correct its name, or write a pattern such as "
        "conf.d/*.yaml if it may be missing\n"
        "main.yaml:1:39: include: there is no file \"/nowhere/a.yaml\"; correct its name, or write a pattern such as "
        "conf.d/*.yaml if it may be missing\n"
        "main.yaml:1:56: include: there is no file \"conf\xC2\xA0.yaml\"; correct its name, or write a pattern such "
        "as conf.d/*.yaml if it may be missing; there is U+00A0 (NO-BREAK SPACE) in it, in column 60: write an "
        "ordinary space, or remove it");
}

TEST(Include, AFolderThatIsNotThereIsAWarning)
{
    const Folder folder;
    folder.write("main.yaml", "include: [conf.e/*.yaml, /nowhere/*/a.yaml, \"*/c.yaml\"]\n");
    EXPECT_EQ(
        folder.warnings_of("main.yaml"),
        "main.yaml:1:11: warning: include: the folder conf.e of this pattern does not exist, so no file is included\n"
        "main.yaml:1:26: warning: include: the folder /nowhere of this pattern does not exist, so no file is included");
}

/// Administrators remove a customer's file while a reload reads those before it.
TEST(Include, AFileThatIsRemovedMeanwhileWasNotThere)
{
    const Folder folder;
    folder.write("1.yaml", webhook_file("a"));
    folder.write("3.yaml", webhook_file("c"));
    Environment removing;
    removing.on_file = [&](const std::shared_ptr<const SourceText>& file) {
        if (file->path.ends_with("1.yaml"))
            std::filesystem::remove(folder.path() / "2.yaml");
    };

    folder.write("main.yaml", "include: \"[0-9].yaml\"\n");
    folder.write("2.yaml", webhook_file("b"));
    const auto loaded = folder.load_well("main.yaml", removing);
    EXPECT_EQ(names(loaded), (std::vector<std::string>{"a", "c"}));
    ASSERT_EQ(loaded.warnings.size(), 1U);
    EXPECT_TRUE(loaded.warnings.front().message.ends_with(
        "2.yaml was removed while the files of this pattern were read; if it was renamed, reload once more"));

    folder.write("main.yaml", "include: [1.yaml, 2.yaml]\n");
    folder.write("2.yaml", webhook_file("b"));
    EXPECT_EQ(folder.faults_of("main.yaml", removing), "2.yaml: the file cannot be read: No such file or directory");
}

TEST(Include, ALinkThatLeadsNowhereIsAFault)
{
    const Folder folder;
    folder.write("main.yaml", "include: conf.d/*.yaml\n");
    folder.write("conf.d/a.yaml", webhook_file("a"));
    std::filesystem::create_symlink("nothing", folder.path() / "conf.d/b.yaml");
    EXPECT_EQ(folder.faults_of("main.yaml"), "conf.d/b.yaml: the file cannot be read: No such file or directory");
}

TEST(Include, AFolderIsNoFile)
{
    const Folder folder;
    folder.write("main.yaml", "include: [conf.d, conf.d/, conf.d/*]\n");
    folder.write("conf.d/a.yaml", webhook_file("a"));
    std::filesystem::create_directory(folder.path() / "conf.d/sub");
    EXPECT_EQ(folder.faults_of("main.yaml"),
              "main.yaml:1:11: include: found a folder, expected a file or a pattern; did you mean conf.d/*.yaml?\n"
              "main.yaml:1:19: include: found a folder, expected a file or a pattern; did you mean conf.d/*.yaml?\n"
              "main.yaml:1:28: include: conf.d/sub, which this pattern takes in, is a folder; include files alone");
}

TEST(Include, TheFolderOfTheMainFileIsNoPattern)
{
    const Folder folder;
    folder.write("a[1]*/main.yaml", "include: w.yaml\n");
    folder.write("a[1]*/w.yaml", webhook_file("w"));
    EXPECT_EQ(names(folder.load_well("a[1]*/main.yaml")), (std::vector<std::string>{"w"}));
}

TEST(Include, ANameThatStandsTwiceNamesTheOtherPlace)
{
    const Folder folder;
    folder.write("main.yaml", "include: conf.d/*\n" + webhook_file("a") + "  b: {url: \"http://x/\"}\n");
    folder.write("conf.d/1.yaml", webhook_file("c"));
    folder.write("conf.d/2.yaml", webhook_file("b") + "  c: {url: \"http://x/\"}\n  b: {timeout: 0}\n");
    EXPECT_EQ(folder.faults_of("main.yaml"),
              "conf.d/2.yaml:2:3: webhooks: \"b\" appears twice; the first one is at main.yaml:4:3\n"
              "conf.d/2.yaml:3:3: webhooks: \"c\" appears twice; the first one is at conf.d/1.yaml:2:3\n"
              "conf.d/2.yaml:4:3: the key \"b\" appears twice; the first one is at line 2, column 3\n"
              "conf.d/2.yaml:4:3: webhooks.b: the key \"url\" is missing; it says where the request goes, such as url: "
              "https://crm.example/route?did={did}\n"
              "conf.d/2.yaml:4:3: webhooks: \"b\" appears twice; the first one is at main.yaml:4:3\n"
              "conf.d/2.yaml:4:16: webhooks.b.timeout: found 0, expected a time from 1ms to 24h");
}

TEST(Include, SectionsOfTheMainFileStandThereAlone)
{
    const Folder folder;
    folder.write("main.yaml", "include: sub.yaml\n");
    folder.write("sub.yaml", "include: other.yaml\nserver: {}\negress: {}\ndefaults: {}\nwebhook: {}\n");
    EXPECT_EQ(folder.faults_of("main.yaml"),
              "sub.yaml:1:1: include: this key belongs in the main file only; move it there\n"
              "sub.yaml:2:1: server: this key belongs in the main file only; move it there\n"
              "sub.yaml:3:1: egress: this key belongs in the main file only; move it there\n"
              "sub.yaml:4:1: defaults: this key belongs in the main file only; move it there\n"
              "sub.yaml:5:1: unknown key \"webhook\"; did you mean \"webhooks\"?");
}

TEST(Include, FaultsOfAllFilesComeInOneRunMainFileFirst)
{
    const Folder folder;
    folder.write("main.yaml", "include: conf.d/*.yaml\nserver: {threads: 0}\n");
    folder.write("conf.d/1.yaml", "webhooks: {a: {url: x}\n");
    folder.write("conf.d/2.yaml", "");
    folder.write("conf.d/3.yaml", "webhooks: {a: {url: \"http://x/\", redirects: 99}}\n");
    std::filesystem::create_directory(folder.path() / "conf.d/4.yaml");
    EXPECT_EQ(folder.faults_of("main.yaml"),
              "main.yaml:1:10: include: conf.d/4.yaml, which this pattern takes in, is a folder; include files alone\n"
              "main.yaml:2:19: server.threads: found 0, expected a whole number from 1 to 256\n"
              "conf.d/1.yaml:2:1: this is not YAML: did not find expected ',' or '}' while parsing a flow mapping that "
              "begins at "
              "line 1, column 11; close the bracket, and put quotes around a text that holds any of {}[],\n"
              "conf.d/2.yaml:1:1: the file is empty; a configuration has at least `webhooks:`\n"
              "conf.d/3.yaml:1:45: webhooks.a.redirects: found 99, expected a whole number from 0 to 20");
}

TEST(Include, MustBeAText)
{
    EXPECT_EQ(faults_of("include: {a: b}"),
              "1:10: include: found a mapping, expected a glob pattern or a list of them, such as conf.d/*.yaml");
    EXPECT_EQ(faults_of("include: [[a], \"\", ~]"),
              "1:11: include: found a list, expected a glob pattern, such as conf.d/*.yaml\n"
              "1:16: include: found \"\", expected a glob pattern, such as conf.d/*.yaml\n"
              "1:20: include: found nothing, expected a glob pattern, such as conf.d/*.yaml");
}

} // namespace
} // namespace dialhook::config::test
