#include "log/lines_sink.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <mutex>

namespace dialhook::log {
namespace {

/// What a pipe of Linux holds: more in one call would only be split by the kernel.
constexpr std::size_t enough = std::size_t{64} * 1024;

int open_file(const std::string& path)
{
    // O_NONBLOCK: a pipe without a reader is an error, not a wait.
    constexpr mode_t for_the_group = 0640;
    return ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, for_the_group);
}

/// A thread that is stuck in write(2) may outlive the log, and then must not find another file by its number.
int duplicate(int fd)
{
    const int result = ::fcntl(fd, F_DUPFD_CLOEXEC, 3);
    if (result < 0 && errno != EBADF)
        throw std::system_error(errno, std::system_category(), "cannot keep the log's output open");
    return result;
}

int open_output(const std::string& file, int fd)
{
    if (file.empty())
        return duplicate(fd);
    const int opened = open_file(file);
    if (opened < 0)
        throw std::system_error(errno, std::system_category(), "server.log.file: cannot open " + file);
    return opened;
}

std::uint64_t lines_in(std::string_view bytes)
{
    return static_cast<std::uint64_t>(std::count(bytes.begin(), bytes.end(), '\n'));
}

} // namespace

LinesSink::LinesSink(const std::string& file, int fd, std::atomic<std::uint64_t>& dropped,
                     const std::atomic<bool>& abandoned)
    : file_(file)
    , fd_(open_output(file, fd))
    , dropped_(dropped)
    , abandoned_(abandoned)
{
}

LinesSink::~LinesSink()
{
    if (fd_ >= 0)
        ::close(fd_);
}

std::string LinesSink::reopen()
{
    if (file_.empty())
        return {};
    const int opened = open_file(file_);
    if (opened < 0)
        return "server.log.file: cannot open " + file_ +
               " again, lines go on into the file that was open: " + std::system_category().message(errno);
    // What is being written ends in the old file, which may be about to be compressed. A write that hangs is not waited
    // for. (Not a std::timed_mutex: Clang 14's ThreadSanitizer does not know how libstdc++ locks one.)
    std::unique_lock lock(mutex_);
    not_writing_.wait_for(lock, std::chrono::seconds(1), [this] { return !is_writing_; });
    ::dup3(opened, fd_, O_CLOEXEC); // in one step: no write finds the number closed
    ::close(opened);
    return {};
}

void LinesSink::sink_it_(const spdlog::details::log_msg& line)
{
    lines_.append(line.payload.data(), line.payload.size());
    if (lines_.size() >= enough)
        flush_();
}

void LinesSink::flush_()
{
    if (lines_.empty())
        return;
    const std::string_view lines = lines_;
    set_writing(true);
    if (is_torn_ && write_out("\n") == 1)
        is_torn_ = false;
    const std::size_t written = is_torn_ ? 0 : write_out(lines);
    if (written < lines.size()) {
        dropped_ += lines_in(lines.substr(written));
        forget_torn_line(lines.substr(0, written));
    }
    set_writing(false);
    lines_.clear();
}

void LinesSink::set_writing(bool is_writing)
{
    {
        const std::lock_guard lock(mutex_);
        is_writing_ = is_writing;
    }
    not_writing_.notify_all();
}

/// Cuts what a full disk left of a line off the file; elsewhere the next line begins with a line end.
void LinesSink::forget_torn_line(std::string_view written)
{
    const std::size_t torn = written.size() - (written.rfind('\n') + 1); // npos + 1 is 0
    if (torn == 0)
        return;
    struct stat status
    {
    };
    const bool is_cut = !file_.empty() && ::fstat(fd_, &status) == 0 && S_ISREG(status.st_mode) &&
                        ::ftruncate(fd_, status.st_size - static_cast<off_t>(torn)) == 0;
    is_torn_ = !is_cut;
}

std::size_t LinesSink::write_out(std::string_view bytes) const
{
    std::size_t total = 0;
    while (total < bytes.size() && !abandoned_) {
        const auto written = ::write(fd_, bytes.data() + total, bytes.size() - total);
        if (written >= 0)
            total += static_cast<std::size_t>(written);
        if (written >= 0 || errno == EINTR)
            continue;
        if (errno != EAGAIN)
            break;
        // Somebody who shares the descriptor, such as a terminal, has made it non-blocking.
        pollfd writable{fd_, POLLOUT, 0};
        ::poll(&writable, 1, 100);
    }
    return total;
}

} // namespace dialhook::log
