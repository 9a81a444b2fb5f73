#include "log/lines_sink.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <stdlib.h>
#include <string>

namespace dialhook::log {
namespace {

class LinesSinkTest : public testing::Test
{
protected:
    LinesSinkTest()
    {
        std::string pattern = testing::TempDir() + "dialhook-XXXXXX";
        folder_ = ::mkdtemp(pattern.data());
        file_ = folder_ / "log";
        sink_.emplace(file_.string(), -1, dropped_, abandoned_);
    }
    ~LinesSinkTest() override
    {
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }

    void write(std::string_view lines)
    {
        sink_->log(
            {spdlog::string_view_t(), spdlog::level::level_enum{2}, spdlog::string_view_t(lines.data(), lines.size())});
        sink_->flush();
    }

    static std::string content(const std::filesystem::path& file)
    {
        std::ifstream stream(file);
        return {std::istreambuf_iterator<char>(stream), {}};
    }

    std::filesystem::path folder_;
    std::filesystem::path file_;
    std::atomic<std::uint64_t> dropped_{0};
    std::atomic<bool> abandoned_{false};
    std::optional<LinesSink> sink_;
};

TEST_F(LinesSinkTest, AppendsAndOpensTheFileAgain)
{
    write("one\n");
    std::filesystem::rename(file_, folder_ / "old");
    write("two\n");
    EXPECT_EQ(sink_->reopen(), "");
    write("three\n");
    EXPECT_EQ(content(folder_ / "old"), "one\ntwo\n");
    EXPECT_EQ(content(file_), "three\n");
    EXPECT_EQ(dropped_, 0U);
}

TEST_F(LinesSinkTest, KeepsTheOldFileWhereItCannotBeOpenedAgain)
{
    std::filesystem::rename(file_, folder_ / "old");
    std::filesystem::create_directory(file_);
    EXPECT_EQ(sink_->reopen(), "server.log.file: cannot open " + file_.string() +
                                   " again, lines go on into the file that was open: Is a directory");
    write("one\n");
    EXPECT_EQ(content(folder_ / "old"), "one\n");
}

/// A limit of the size of files, which works as a full disk does.
class FullDisk
{
public:
    explicit FullDisk(rlim_t size)
    {
        std::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit limit{size, before_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &limit);
    }
    ~FullDisk() { ::setrlimit(RLIMIT_FSIZE, &before_); }
    FullDisk(const FullDisk&) = delete;
    FullDisk& operator=(const FullDisk&) = delete;

private:
    rlimit before_{};
};

TEST_F(LinesSinkTest, LeavesNoHalfALineOnAFullDiskAndCountsTheRest)
{
    {
        const FullDisk disk(10);
        write("one\ntwo\nthree\nfour\n");
        EXPECT_EQ(dropped_, 2U);
        EXPECT_EQ(content(file_), "one\ntwo\n");
        write("five\n");
        EXPECT_EQ(dropped_, 3U);
        EXPECT_EQ(content(file_), "one\ntwo\n");
    }
    write("six\n");
    EXPECT_EQ(content(file_), "one\ntwo\nsix\n");
    EXPECT_EQ(dropped_, 3U);
}

TEST_F(LinesSinkTest, EndsHalfALineInAFileThatIsNotItsOwn)
{
    std::ofstream other(folder_ / "other");
    const int fd = ::open((folder_ / "other").c_str(), O_WRONLY | O_APPEND);
    sink_.emplace("", fd, dropped_, abandoned_);
    ::close(fd);
    {
        const FullDisk disk(6);
        write("one\ntwo\n");
        EXPECT_EQ(dropped_, 1U);
    }
    write("three\n");
    EXPECT_EQ(content(folder_ / "other"), "one\ntw\nthree\n");
    EXPECT_EQ(dropped_, 1U);
}

} // namespace
} // namespace dialhook::log
