#pragma once

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace dialhook::log {

/// What a log writes to in a test, and what reads it.
class Pipe
{
public:
    Pipe()
    {
        if (::pipe2(ends_.data(), O_CLOEXEC) != 0)
            throw std::runtime_error("no pipe");
    }
    ~Pipe()
    {
        close_reader();
        close_writer();
    }
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;

    int writer() const { return ends_[1]; }

    void close_reader() { shut(ends_[0]); }
    void close_writer() { shut(ends_[1]); }

    /// Until nothing more goes in.
    void fill() const
    {
        const int flags = ::fcntl(writer(), F_GETFL);
        ::fcntl(writer(), F_SETFL, flags | O_NONBLOCK);
        while (::write(writer(), "\n", 1) == 1) {
        }
        ::fcntl(writer(), F_SETFL, flags);
    }

    /// The next line; "nothing" if none comes in time.
    std::string line(std::chrono::milliseconds limit = std::chrono::seconds(10))
    {
        while (text_.find('\n') == std::string::npos)
            if (!read_more(limit))
                return "nothing";
        const auto end = text_.find('\n');
        auto result = text_.substr(0, end);
        text_.erase(0, end + 1);
        return result;
    }

    /// The lines up to the end of the pipe; close the writer's end first.
    std::vector<std::string> rest()
    {
        std::vector<std::string> lines;
        while (read_more(std::chrono::seconds(10))) {
        }
        while (text_.find('\n') != std::string::npos)
            lines.push_back(line());
        return lines;
    }

private:
    static void shut(int& fd)
    {
        if (fd >= 0)
            ::close(std::exchange(fd, -1));
    }

    bool read_more(std::chrono::milliseconds limit)
    {
        pollfd readable{ends_[0], POLLIN, 0};
        if (::poll(&readable, 1, static_cast<int>(limit.count())) <= 0)
            return false;
        std::array<char, 65536> bytes;
        const auto count = ::read(ends_[0], bytes.data(), bytes.size());
        if (count > 0)
            text_.append(bytes.data(), static_cast<std::size_t>(count));
        return count > 0;
    }

    std::array<int, 2> ends_{-1, -1};
    std::string text_;
};

/// A line of text without its time.
inline std::string without_time(const std::string& line)
{
    return line.substr(line.find(' ') + 1);
}

} // namespace dialhook::log
