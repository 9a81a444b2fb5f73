#include "journal.hpp"

#include "format.hpp"

#include <sys/uio.h>
#include <syslog.h>
// CODE_FILE and CODE_LINE would be this file's in every entry.
#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-journal.h>

namespace dialhook::log {
namespace {

int priority(Level level)
{
    switch (level) {
    case Level::debug:
        return LOG_DEBUG;
    case Level::info:
        return LOG_INFO;
    case Level::warning:
        return LOG_WARNING;
    case Level::error:
        break;
    }
    return LOG_ERR;
}

std::string journal_key(std::string_view key)
{
    std::string result = "DIALHOOK_";
    for (const auto character : key) // [a-z0-9_], at most 48: the journal takes 64
        result += character >= 'a' && character <= 'z' ? static_cast<char>(character - 'a' + 'A') : character;
    return result;
}

} // namespace

void JournalEntry::begin_item(std::string_view key)
{
    starts_.push_back(bytes_.size());
    bytes_ += key;
    bytes_ += '=';
}

void JournalEntry::set(const Record& record)
{
    bytes_.clear();
    starts_.clear();

    begin_item("PRIORITY");
    bytes_ += static_cast<char>('0' + priority(record.level));
    begin_item("MESSAGE");
    append_text(bytes_, record);
    for (const auto& field : record.fields) {
        begin_item(journal_key(field.key));
        append_raw(bytes_, field.value);
    }
}

std::vector<std::string_view> JournalEntry::items() const
{
    std::vector<std::string_view> result;
    for (std::size_t index = 0; index < starts_.size(); ++index) {
        const auto end = index + 1 < starts_.size() ? starts_[index + 1] : bytes_.size();
        result.push_back(std::string_view(bytes_).substr(starts_[index], end - starts_[index]));
    }
    return result;
}

bool JournalEntry::send() const
{
    std::vector<iovec> pieces;
    for (const auto item : items())
        pieces.push_back({const_cast<char*>(item.data()), item.size()}); // iovec serves reading too
    return ::sd_journal_sendv(pieces.data(), static_cast<int>(pieces.size())) >= 0;
}

} // namespace dialhook::log
