#pragma once

#include "log/feeds.hpp"
#include "log/log.hpp"
#include "log/time_text.hpp"

#include <spdlog/sinks/base_sink.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace dialhook::log {

class LinesSink;

/// Where all records end: spdlog's logger writes to it. Before each of its records, and at a flush, it fetches what the
/// feeds hold, so that lines come out in the order of time; a flush does not wait for records that are still queued.
/// Its mutex is taken by the log's own threads alone.
class Output final : public spdlog::sinks::base_sink<std::mutex>
{
public:
    /// `queue_dropped` tells how many records spdlog's queue gave up. Throws std::system_error.
    Output(const Log::Options& options, Feeds& feeds, std::function<std::uint64_t()> queue_dropped,
           const std::atomic<bool>& abandoned);
    ~Output() override;

    /// Appends a record as `log` wants its payload. Any thread.
    void append_entry(std::string& out, const Record& record, TimeText& times) const;

    /// See Log::reopen. Any thread.
    std::string reopen();

    /// Counts a record that was lost on its way here. Any thread.
    void count_dropped() { ++dropped_; }

    /// Returns how many records were lost. Any thread.
    std::uint64_t dropped() const { return dropped_ + feeds_.dropped() + queue_dropped_(); }

protected:
    void sink_it_(const spdlog::details::log_msg& entry) override;
    void flush_() override;

private:
    std::shared_ptr<spdlog::sinks::sink> make_sink(const Log::Options& options, const std::atomic<bool>& abandoned);
    void fetch(std::optional<Time> until);
    void put(const Record& record);
    void report_drops();

    const Format format_;
    const bool priorities_;
    Feeds& feeds_;
    const std::function<std::uint64_t()> queue_dropped_;
    std::atomic<std::uint64_t> dropped_{0};
    LinesSink* lines_ = nullptr; // `sink_`, if it writes lines
    std::shared_ptr<spdlog::sinks::sink> sink_;
    TimeText times_;
    std::string entry_; // kept for its memory
    spdlog::details::log_msg message_;
    bool has_put_ = false;
    bool is_after_entry_ = false;
    std::uint64_t reported_ = 0;
};

} // namespace dialhook::log
