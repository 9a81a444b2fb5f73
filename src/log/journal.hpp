#pragma once

#include "log/field.hpp"

#include <spdlog/details/null_mutex.h>
#include <spdlog/sinks/base_sink.h>

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

struct iovec;

namespace dialhook::log {

/// Appends a record as an entry of systemd's journal: PRIORITY, MESSAGE with the fields as text after it, and each
/// field raw as DIALHOOK_<KEY>. Each item has its length before it, as in the journal's own protocol, so nothing in a
/// value can be taken for a field.
void append_journal_entry(std::string& out, const Record& record);

/// Returns the items of such an entry, each `KEY=value`.
std::vector<iovec> journal_items(std::string_view entry);

/// Hands entries to journald, with their fields: spdlog's own sink has none. Waits while journald's queue is full.
class JournalSink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex>
{
public:
    /// Counts in `dropped` what journald did not take.
    explicit JournalSink(std::atomic<std::uint64_t>& dropped)
        : dropped_(dropped)
    {
    }

protected:
    void sink_it_(const spdlog::details::log_msg& entry) override;
    void flush_() override {}

private:
    std::atomic<std::uint64_t>& dropped_;
};

} // namespace dialhook::log
