#include "log/journal.hpp"

#include "log/format.hpp"

#include <sys/uio.h>
// CODE_FILE and CODE_LINE would be this file's in every entry.
#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-journal.h>
#include <unistd.h>

#include <cstring>

namespace dialhook::log {
namespace {

using Length = std::uint32_t;

/// Appends what `append` does as one item, with its length before it.
template <class Append>
void append_item(std::string& out, Append append)
{
    const auto start = out.size();
    out.append(sizeof(Length), '\0');
    append();
    const auto length = static_cast<Length>(out.size() - start - sizeof(Length));
    std::memcpy(out.data() + start, &length, sizeof length);
}

void append_key(std::string& out, std::string_view key)
{
    out += "DIALHOOK_";
    for (const auto character : key) // [a-z0-9_], at most 48: the journal takes 64
        out += character >= 'a' && character <= 'z' ? static_cast<char>(character - 'a' + 'A') : character;
    out += '=';
}

/// sd_journal_sendv reports success where there is no journal at all.
bool is_journal_there()
{
    return ::access("/run/systemd/journal/socket", F_OK) == 0;
}

} // namespace

void append_journal_entry(std::string& out, const Record& record)
{
    append_item(out, [&] {
        out += "PRIORITY=";
        out += priority(record.level);
    });
    append_item(out, [&] {
        out += "MESSAGE=";
        append_text(out, record);
    });
    for (const auto& field : record.fields)
        append_item(out, [&] {
            append_key(out, field.key);
            append_raw(out, field.value);
        });
}

std::vector<iovec> journal_items(std::string_view entry)
{
    std::vector<iovec> items;
    while (!entry.empty()) {
        Length length = 0;
        std::memcpy(&length, entry.data(), sizeof length);
        entry.remove_prefix(sizeof length);
        items.push_back({const_cast<char*>(entry.data()), length}); // iovec serves reading too
        entry.remove_prefix(length);
    }
    return items;
}

void JournalSink::sink_it_(const spdlog::details::log_msg& entry)
{
    const auto items = journal_items({entry.payload.data(), entry.payload.size()});
    if (::sd_journal_sendv(items.data(), static_cast<int>(items.size())) < 0 || !is_journal_there())
        ++dropped_;
}

} // namespace dialhook::log
