#pragma once

#include "log/feed.hpp"
#include "log/field.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace dialhook::log {

enum class Format : unsigned char
{
    text,    ///< a line: `2026-11-23T17:00:00.123Z info decision webhook="CRM connection" elapsed_ms=12.4`
    json,    ///< a line: `{"time":"2026-11-23T17:00:00.123Z","level":"info","message":"decision",…}`, always UTF-8
    journal, ///< systemd's journal, each field as DIALHOOK_<KEY>; MESSAGE has them as well
    syslog,  ///< syslog(3), facility daemon: the line of text without time and level
};

/// Returns whether `fd` is open on what `journal_stream` names ("device:inode", as systemd sets $JOURNAL_STREAM). Null:
/// not set.
bool is_journal(int fd, const char* journal_stream);

/// Returns what `format: auto` means: the journal if `fd` is open on it, else text.
inline Format automatic_format(int fd, const char* journal_stream)
{
    return is_journal(fd, journal_stream) ? Format::journal : Format::text;
}

class RateLimit;
class Writer;

/// A log that never holds up a thread that writes to it: it drops records and counts them rather than wait.
///
/// Records go through spdlog's asynchronous logger, whose queue of 2,048 gives its oldest ones up when it is full. What
/// each call writes lies in rings, from which the log fetches it (`Feed`). A record is also lost when the output fails
/// (a closed pipe, a full disk); how many were lost is logged as soon as that is possible.
///
/// No value can start a line or pass for another field, whatever bytes it holds.
class Log
{
public:
    struct Options
    {
        Level level = Level::info; ///< the lowest level that is logged
        Format format = Format::text;
        int fd = 2; ///< of text and JSON; stays the caller's, the log keeps a duplicate

        /// How long the destructor waits for a blocked output, at most. What is left then is lost.
        std::chrono::milliseconds flush_limit{1000};

        std::string file = {};   ///< of text and JSON, instead of `fd`; made where there is none
        bool priorities = false; ///< lines begin with the level as `<6>`, as the journal reads them from a stream
    };

    /// Starts the log's threads, with all signals blocked. Throws std::system_error if there can be none, or no
    /// duplicate of `fd`, or if `file` cannot be opened; an `fd` that is closed is an output that refuses everything.
    explicit Log(const Options& options);

    /// Puts out everything that was written before. No other thread may still be writing.
    ~Log();

    Log(const Log&) = delete;
    Log& operator=(const Log&) = delete;

    /// Returns whether a record of this level is logged: ask before work that is only for the log. Any thread.
    bool wants(Level level) const noexcept { return level >= level_.load(std::memory_order_relaxed); }

    /// Logs a record, if its level is wanted. Any thread; allocates, and takes a mutex that is held for moments. Text
    /// over 2,048 bytes is cut and ends in "..."; at most 32 fields are kept.
    void write(Level level, std::string_view message, std::span<const Field> fields) noexcept;
    void write(Level level, std::string_view message, std::initializer_list<Field> fields = {}) noexcept
    {
        write(level, message, std::span(fields.begin(), fields.size()));
    }

    /// Has the log fetch what `feed` holds: every 25 ms while there is something, and what is left at the end. Any
    /// thread.
    void add(std::shared_ptr<Feed> feed);

    /// Tells that a feed has got a record; with `fills` so many that it is worth coming at once. Makes a system call
    /// when that wakes the log: at the first record after a pause, and at one with `fills`. Any thread.
    void fed(bool fills) noexcept;

    /// Logs a record as one of many: of those with the same `message` and `kind` (the thing that it is about) the
    /// first, and then one a minute, with the number of them since the last line in the field `repeated`: for trouble
    /// that strangers or a broken web server can bring about as often as they like. Any thread.
    void write_summed(Level level, std::string_view message, std::string_view kind,
                      std::initializer_list<Field> fields = {}) noexcept;

    /// Any thread; records that were written stay.
    void set_level(Level level) noexcept { level_.store(level, std::memory_order_relaxed); }

    /// Opens `Options::file` again, after it was renamed. When this returns, no line goes to the old file any more,
    /// unless the output is blocked. Returns what went wrong, and then the old file stays in use; empty: nothing did,
    /// or there is no file. Waits for the disk, so not for a thread with calls.
    std::string reopen();

    /// Returns how many records were lost since the start. Any thread.
    std::uint64_t dropped() const;

private:
    std::atomic<Level> level_;
    std::chrono::milliseconds flush_limit_;
    std::unique_ptr<RateLimit> rate_limit_;
    std::shared_ptr<Writer> writer_; // its threads' too: one that is stuck in write(2) may outlive the log
};

} // namespace dialhook::log
