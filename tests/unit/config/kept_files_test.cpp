#include "config/kept_files.hpp"
#include "unit/config/loading.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

namespace dialhook::config::test {
namespace {

using namespace std::chrono_literals;

/// One folder of files, and a clock that is far ahead unless a test sets it.
class KeptFilesTest : public testing::Test
{
protected:
    /// One load that reads `name` alone; its text, or why not.
    std::string read(const std::string& name)
    {
        files.begin();
        last = text_of(name);
        files.forget_unused();
        return last == nullptr ? error : last->text;
    }

    std::shared_ptr<const SourceText> text_of(const std::string& name)
    {
        const auto kept = files.read((folder.path() / name).string());
        if (kept)
            return (*kept)->text;
        error = kept.error().message;
        return nullptr;
    }

    const Folder folder;
    std::chrono::system_clock::duration ahead = 1h;
    KeptFiles files{16, [this] { return std::chrono::system_clock::now() + ahead; }};
    std::shared_ptr<const SourceText> last;
    std::string error;
};

TEST_F(KeptFilesTest, AnUnchangedFileIsReadOnce)
{
    folder.write("a", "one");
    EXPECT_EQ(read("a"), "one");
    const auto first = last;
    EXPECT_EQ(read("a"), "one");
    EXPECT_EQ(last, first) << "the same object";
    EXPECT_EQ(files.files_read(), 1U);
}

TEST_F(KeptFilesTest, AChangedOneIsReadAgain)
{
    folder.write("a", "one");
    read("a");
    folder.write("a", "three");
    EXPECT_EQ(read("a"), "three");
    EXPECT_EQ(files.files_read(), 2U);
}

TEST_F(KeptFilesTest, OneThatAnotherHasReplacedIsReadAgain)
{
    folder.write("a", "one");
    read("a");
    std::filesystem::rename(folder.write("b", "two"), folder.path() / "a");
    EXPECT_EQ(read("a"), "two");
}

TEST_F(KeptFilesTest, OneWhoseOwnTimeWasSetBackIsReadAgain)
{
    const auto path = folder.write("a", "one");
    const auto before = std::filesystem::last_write_time(path);
    read("a");
    const auto first = last;
    std::filesystem::last_write_time(path, before - 1h);
    EXPECT_EQ(read("a"), "one");
    EXPECT_EQ(files.files_read(), 2U);
    EXPECT_EQ(last, first) << "the content is the same";
}

/// Its time may be the same to the nanosecond: the file system's clock ticks.
TEST_F(KeptFilesTest, OneThatHadJustChangedIsReadAgainAndCompared)
{
    ahead = 0s;
    folder.write("a", "one");
    read("a");
    const auto first = last;
    EXPECT_EQ(read("a"), "one");
    EXPECT_EQ(files.files_read(), 2U);
    EXPECT_EQ(last, first);
    folder.write("a", "two");
    EXPECT_EQ(read("a"), "two");
    ahead = KeptFiles::doubt + 1s;
    read("a");
    const auto read_before = files.files_read();
    EXPECT_EQ(read("a"), "two");
    EXPECT_EQ(files.files_read(), read_before) << "now its time tells";
}

TEST_F(KeptFilesTest, OneFromTheFutureIsNeverCertain)
{
    ahead = -1h;
    folder.write("a", "one");
    read("a");
    read("a");
    EXPECT_EQ(files.files_read(), 2U);
}

TEST_F(KeptFilesTest, ALinkIsItsTarget)
{
    folder.write("old/a", "one");
    folder.write("new/a", "two");
    std::filesystem::create_directory_symlink("old", folder.path() / "now");
    EXPECT_EQ(read("now/a"), "one");
    EXPECT_EQ(read("now/a"), "one");
    EXPECT_EQ(files.files_read(), 1U);
    std::filesystem::remove(folder.path() / "now");
    std::filesystem::create_directory_symlink("new", folder.path() / "now");
    EXPECT_EQ(read("now/a"), "two");
    folder.write("new/a", "three");
    EXPECT_EQ(read("now/a"), "three");
}

TEST_F(KeptFilesTest, AFileThatIsGoneIsForgotten)
{
    folder.write("a", "one");
    read("a");
    std::filesystem::remove(folder.path() / "a");
    EXPECT_EQ(read("a"), "No such file or directory");
    EXPECT_EQ(files.size(), 0U);
    folder.write("a", "one");
    EXPECT_EQ(read("a"), "one");
}

TEST_F(KeptFilesTest, WhatALoadDidNotReadIsForgotten)
{
    folder.write("a", "one");
    folder.write("b", "two");
    files.begin();
    text_of("a");
    text_of("b");
    text_of("a");
    files.forget_unused();
    EXPECT_EQ(files.size(), 2U);
    read("b");
    EXPECT_EQ(files.size(), 1U);
    read("b");
    EXPECT_EQ(files.files_read(), 2U) << "b is still kept";
}

TEST_F(KeptFilesTest, APipeIsReadEachTime)
{
    ASSERT_EQ(::mkfifo((folder.path() / "pipe").c_str(), 0600), 0);
    EXPECT_EQ(read("pipe"), ""); // nobody writes
    EXPECT_EQ(read("pipe"), "");
    EXPECT_EQ(files.files_read(), 2U);
}

TEST_F(KeptFilesTest, AFolderAndATooLargeFileSaySo)
{
    std::filesystem::create_directory(folder.path() / "folder");
    const auto of_folder = files.read((folder.path() / "folder").string());
    ASSERT_FALSE(of_folder);
    EXPECT_TRUE(of_folder.error().is_folder);
    folder.write("large", std::string(17, 'x'));
    EXPECT_EQ(read("large"), "it is larger than 0 KiB");
    folder.write("just", std::string(16, 'x'));
    EXPECT_EQ(read("just"), std::string(16, 'x'));
}

} // namespace
} // namespace dialhook::config::test
