#include "config/manual_page.hpp"
#include "config/reference.hpp"
#include "config/schema.hpp"
#include "unit/config/loading.hpp"

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

/// docs/configuration.md and the sample say what the loader does.
namespace dialhook::config::test {
namespace {

const std::filesystem::path source = DIALHOOK_SOURCE_DIR;

std::string contents(const std::filesystem::path& path)
{
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

/// The configurations of the page: what stands between a line that is "```yaml" and nothing else, and "```".
std::vector<std::string> examples(const std::string& page)
{
    const std::string open = "\n```yaml\n";
    std::vector<std::string> found;
    for (auto at = page.find(open); at != std::string::npos; at = page.find(open, at)) {
        const auto start = at + open.size();
        at = page.find("\n```\n", start);
        found.push_back(page.substr(start, at - start + 1));
    }
    return found;
}

TEST(Manual, ShowsTheTablesOfTheLoader)
{
    const auto page = contents(source / "docs/configuration.md");
    for (const auto& section : reference())
        EXPECT_NE(page.find("\n" + markdown_table(section)), std::string::npos)
            << "docs/configuration.md lacks this table of `" << section.path << "`:\n"
            << markdown_table(section);
}

TEST(Manual, ExamplesLoad)
{
    const auto all = examples(contents(source / "docs/configuration.md"));
    EXPECT_GE(all.size(), 3U);
    for (const auto& example : all)
        EXPECT_EQ(faults_of(example), "") << example;
}

/// The whole files; what differs in them is easily seen with `git diff` once scripts/generate has run.
TEST(Manual, GeneratedFilesAreWhatTheTablesSay)
{
    EXPECT_TRUE(contents(source / "config/dialhook.schema.json") == json_schema()) << "run scripts/generate";
    EXPECT_TRUE(contents(source / "docs/man/dialhook.yaml.5") == manual_page()) << "run scripts/generate";
}

TEST(Manual, SampleLoadsAndOpensNothing)
{
    auto loaded = load(source / "config/dialhook.yaml", {});
    ASSERT_TRUE(loaded) << loaded.error().front().str();
    EXPECT_EQ(loaded->egress, egress::Rules());
    EXPECT_EQ(loaded->server.socket, ServerSettings().socket);
}

} // namespace
} // namespace dialhook::config::test
