#include "log/output.hpp"

#include "log/format.hpp"
#include "log/journal.hpp"
#include "log/lines_sink.hpp"

#include <spdlog/details/null_mutex.h>
#include <spdlog/sinks/syslog_sink.h>
#include <unistd.h>

#include <utility>

namespace dialhook::log {
namespace {

/// spdlog's sink, but that it knows when there is no syslog: syslog(3) does not say.
class SyslogSink final : public spdlog::sinks::syslog_sink_st
{
public:
    explicit SyslogSink(std::atomic<std::uint64_t>& dropped)
        : syslog_sink("dialhookd", LOG_PID, LOG_DAEMON, false)
        , dropped_(dropped)
    {
    }

protected:
    void sink_it_(const spdlog::details::log_msg& entry) override
    {
        if (::access(_PATH_LOG, W_OK) == 0)
            syslog_sink::sink_it_(entry);
        else
            ++dropped_;
    }

private:
    std::atomic<std::uint64_t>& dropped_;
};

} // namespace

Output::Output(const Log::Options& options, Feeds& feeds, std::function<std::uint64_t()> queue_dropped,
               const std::atomic<bool>& abandoned)
    : format_(options.format)
    , priorities_(options.priorities)
    , feeds_(feeds)
    , queue_dropped_(std::move(queue_dropped))
    , sink_(make_sink(options, abandoned))
{
}

Output::~Output() = default;

std::shared_ptr<spdlog::sinks::sink> Output::make_sink(const Log::Options& options, const std::atomic<bool>& abandoned)
{
    if (format_ == Format::journal)
        return std::make_shared<JournalSink>(dropped_);
    if (format_ == Format::syslog)
        return std::make_shared<SyslogSink>(dropped_);
    auto lines = std::make_shared<LinesSink>(options.file, options.fd, dropped_, abandoned);
    lines_ = lines.get();
    return lines;
}

void Output::append_entry(std::string& out, const Record& record, TimeText& times) const
{
    switch (format_) {
    case Format::journal:
        return append_journal_entry(out, record);
    case Format::syslog:
        return append_text(out, record);
    case Format::json:
        if (priorities_)
            append_priority(out, record.level);
        return append_json_line(out, record, times);
    case Format::text:
        if (priorities_)
            append_priority(out, record.level);
        return append_text_line(out, record, times);
    }
}

std::string Output::reopen()
{
    return lines_ == nullptr ? std::string() : lines_->reopen();
}

void Output::sink_it_(const spdlog::details::log_msg& entry)
{
    fetch(entry.time);
    sink_->log(entry);
    has_put_ = true;
    is_after_entry_ = true;
}

void Output::flush_()
{
    if (!std::exchange(is_after_entry_, false)) // what is younger than an entry waits for those that are queued
        fetch(std::nullopt);
    sink_->flush();
    if (std::exchange(has_put_, false))
        report_drops();
}

void Output::fetch(std::optional<Time> until)
{
    feeds_.fetch(until, [this](const Record& record) { put(record); });
}

void Output::put(const Record& record)
{
    entry_.clear();
    append_entry(entry_, record, times_);
    message_.level = record.level;
    message_.payload = entry_;
    sink_->log(message_);
    has_put_ = true;
}

/// Only after records were written: an output that fails must not keep the log busy with its own report.
void Output::report_drops()
{
    const auto dropped_so_far = dropped();
    if (dropped_so_far == reported_)
        return;
    const auto dropped_before = dropped_.load();
    const auto message = std::to_string(dropped_so_far - reported_) + " log records were dropped";
    put({std::chrono::system_clock::now(), Level::warning, message, {}});
    has_put_ = false;
    sink_->flush();
    if (dropped_ == dropped_before)
        reported_ = dropped_so_far;
    else
        --dropped_; // the report itself is no record of anybody's
}

} // namespace dialhook::log
