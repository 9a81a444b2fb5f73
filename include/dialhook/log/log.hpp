#pragma once

#include <dialhook/log/field.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string_view>
#include <thread>

namespace dialhook::log {

enum class Format : unsigned char
{
    text,    ///< a line: `2026-11-23T17:00:00.123Z info decision webhook="CRM connection" elapsed_ms=12.4`
    json,    ///< a line: `{"time":"2026-11-23T17:00:00.123Z","level":"info","message":"decision",…}`, always UTF-8
    journal, ///< systemd's journal, each field as DIALHOOK_<KEY>; MESSAGE has them as well
};

/// What `format: auto` means: the journal if `journal_stream` ("device:inode", as systemd sets $JOURNAL_STREAM) names
/// what `fd` is open on, else text. Null: not set.
Format automatic_format(int fd, const char* journal_stream);

class Repeats;
class Writer;

/// A log that never holds up whoever writes to it: it drops records and counts them rather than wait.
///
/// Each thread that writes has a lane of its own (1 MiB, made at its first record and given back when the thread
/// ends), where `write` leaves the record as bytes. One writer thread formats what the lanes hold, by time, and puts
/// out many lines with one system call. While there is traffic it looks every 25 ms; it sleeps when there is none, and
/// only the first record after that wakes it. A record is lost when its lane is full, since the output is blocked or
/// too slow, or when the output fails (a closed pipe); how many were lost is logged as soon as that is possible.
///
/// Lines of one thread stay in order. No value can start a line or pass for another field, whatever bytes it holds.
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
    };

    /// Starts the writer thread, with all signals blocked. Throws std::system_error if there can be no thread or no
    /// duplicate of `fd`; one that is closed is an output that refuses everything.
    explicit Log(const Options& options);

    /// Puts out everything that was written before. No other thread may still be writing.
    ~Log();

    Log(const Log&) = delete;
    Log& operator=(const Log&) = delete;

    /// Whether a record of this level is logged: ask before work that is only for the log. Any thread.
    bool wants(Level level) const noexcept { return level >= level_.load(std::memory_order_relaxed); }

    /// Logs a record, if its level is wanted. Any thread; takes no lock, allocates nothing and makes no system call,
    /// but for a thread's first record and for one that wakes the writer. Text over 2,048 bytes is cut and ends in
    /// "..."; at most 32 fields are kept.
    void write(Level level, std::string_view message, std::span<const Field> fields) noexcept;
    void write(Level level, std::string_view message, std::initializer_list<Field> fields = {}) noexcept
    {
        write(level, message, std::span(fields.begin(), fields.size()));
    }

    /// Logs a record as one of many: of those with the same `message` and `kind` (the thing that it is about) the
    /// first, and then one a minute, with the number of them since the last line in the field `repeated`. Takes a lock
    /// and allocates: for trouble that strangers or a broken web server can bring about as often as they like. Any
    /// thread.
    void write_summed(Level level, std::string_view message, std::string_view kind,
                      std::initializer_list<Field> fields = {}) noexcept;

    /// Any thread; records that were written stay.
    void set_level(Level level) noexcept { level_.store(level, std::memory_order_relaxed); }

    /// How many records were lost since the start. Any thread.
    std::uint64_t dropped() const;

    /// How often the writer thread woke up since the start: an idle log stands still. Any thread.
    std::uint64_t wakeups() const;

private:
    std::atomic<Level> level_;
    std::chrono::milliseconds flush_limit_;
    std::unique_ptr<Repeats> repeats_;
    std::shared_ptr<Writer> writer_; // its thread's too: a thread that is stuck in write(2) may outlive the log
    std::thread thread_;
};

} // namespace dialhook::log
