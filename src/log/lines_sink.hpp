#pragma once

#include <spdlog/details/null_mutex.h>
#include <spdlog/sinks/base_sink.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

namespace dialhook::log {

/// Writes lines to a descriptor, many with one write(2). spdlog's own sinks for that write through stdio: they neither
/// open a file again, nor go on with a descriptor that does not block, nor know how many lines a full disk cost.
class LinesSink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex>
{
public:
    /// Counts in `dropped` the lines that the output refused; gives up when `abandoned`, which is looked at whenever
    /// the output has been waited for. With a `file` opens it, else keeps a duplicate of `fd`, which need not be open.
    /// Throws std::system_error.
    LinesSink(const std::string& file, int fd, std::atomic<std::uint64_t>& dropped, const std::atomic<bool>& abandoned);
    ~LinesSink() override;

    LinesSink(const LinesSink&) = delete;
    LinesSink& operator=(const LinesSink&) = delete;

    /// Opens the file again, on any thread, and never waits for one that is stuck in a write for more than a second.
    /// Returns what went wrong; empty: nothing did.
    std::string reopen();

protected:
    void sink_it_(const spdlog::details::log_msg& line) override;
    void flush_() override;

private:
    /// Returns how many bytes of `bytes` were written.
    std::size_t write_out(std::string_view bytes) const;
    void forget_torn_line(std::string_view written);
    void set_writing(bool is_writing);

    const std::string file_; // empty: `fd_` is somebody else's output
    const int fd_;           // the same number for good, whatever file it is open on; -1: closed from the start
    std::atomic<std::uint64_t>& dropped_;
    const std::atomic<bool>& abandoned_;
    std::string lines_;
    bool is_torn_ = false; // the last line that was written lacks its end

    std::mutex mutex_; // held for moments only: not while lines are written
    std::condition_variable not_writing_;
    bool is_writing_ = false; // lines are being written, none of which may be torn between two files
};

} // namespace dialhook::log
