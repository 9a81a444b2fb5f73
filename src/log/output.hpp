#pragma once

#include "journal.hpp"
#include "time_text.hpp"

#include <dialhook/log/log.hpp>

#include <atomic>
#include <cstdint>
#include <string>

namespace dialhook::log {

/// Where the writer puts records: lines collected for one write(2), or the journal. The writer's alone.
class Output
{
public:
    /// `abandoned` is looked at whenever the output has been waited for: nobody waits for the rest any more.
    /// Keeps a duplicate of `fd`, which need not be open. Throws std::system_error if there can be none.
    Output(Format format, int fd, const std::atomic<bool>& abandoned);
    ~Output();

    Output(const Output&) = delete;
    Output& operator=(const Output&) = delete;

    /// May write out what has been collected, and then takes as long as whoever reads it.
    void put(const Record& record);
    void flush();

    /// How many records the output refused (a closed pipe, a full disk) since the last time it was asked.
    std::uint64_t take_lost();

private:
    /// Whether all of it was written.
    bool write_out() const;

    const Format format_;
    const int fd_; // -1: closed from the start
    const std::atomic<bool>& abandoned_;
    TimeText times_;
    std::string lines_;
    std::uint64_t collected_ = 0; // records in `lines_`
    std::uint64_t lost_ = 0;
    JournalEntry entry_;
};

} // namespace dialhook::log
