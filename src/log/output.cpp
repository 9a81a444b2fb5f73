#include "output.hpp"

#include "format.hpp"

#include <fcntl.h>
#include <poll.h>
#include <system_error>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <string_view>
#include <utility>

namespace dialhook::log {
namespace {

/// What a pipe of Linux holds: more in one call would only be split by the kernel.
constexpr std::size_t enough = std::size_t{64} * 1024;

/// A thread that is stuck in write(2) may outlive the log, and then must not find another file behind its number.
int duplicate(int fd)
{
    const int result = ::fcntl(fd, F_DUPFD_CLOEXEC, 3);
    if (result < 0 && errno != EBADF)
        throw std::system_error(errno, std::system_category(), "cannot keep the log's output open");
    return result;
}

} // namespace

Output::Output(Format format, int fd, const std::atomic<bool>& abandoned)
    : format_(format)
    , fd_(duplicate(fd))
    , abandoned_(abandoned)
{
}

Output::~Output()
{
    if (fd_ >= 0)
        ::close(fd_);
}

void Output::put(const Record& record)
{
    if (format_ == Format::journal) {
        entry_.set(record);
        if (!entry_.send())
            ++lost_;
        return;
    }
    if (format_ == Format::json)
        append_json_line(lines_, record, times_);
    else
        append_text_line(lines_, record, times_);
    ++collected_;
    if (lines_.size() >= enough)
        flush();
}

void Output::flush()
{
    if (!lines_.empty() && !write_out())
        lost_ += collected_;
    lines_.clear();
    collected_ = 0;
}

std::uint64_t Output::take_lost()
{
    return std::exchange(lost_, 0);
}

bool Output::write_out() const
{
    std::string_view rest = lines_;
    while (!rest.empty()) {
        const auto written = ::write(fd_, rest.data(), rest.size());
        if (abandoned_)
            return false;
        if (written >= 0) {
            rest.remove_prefix(static_cast<std::size_t>(written));
            continue;
        }
        if (errno == EINTR)
            continue;
        if (errno != EAGAIN)
            return false;
        // Somebody who shares the descriptor, such as a terminal, has made it non-blocking.
        pollfd writable{fd_, POLLOUT, 0};
        ::poll(&writable, 1, 100);
    }
    return true;
}

} // namespace dialhook::log
