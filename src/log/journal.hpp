#pragma once

#include <dialhook/log/field.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace dialhook::log {

/// A record as an entry of systemd's journal; one object serves many, for its memory.
class JournalEntry
{
public:
    /// PRIORITY, MESSAGE with the fields as text behind it, and each field raw as DIALHOOK_<KEY>: the journal's
    /// protocol has lengths, so nothing in a value can be taken for a field.
    void set(const Record& record);

    /// As `KEY=value`, until the next `set`.
    std::vector<std::string_view> items() const;

    /// Whether journald took it. Waits while journald's queue is full.
    bool send() const;

private:
    void begin_item(std::string_view key);

    std::string bytes_;
    std::vector<std::size_t> starts_;
};

} // namespace dialhook::log
