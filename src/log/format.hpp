#pragma once

#include "log/field.hpp"
#include "log/time_text.hpp"

#include <string>

/// Records as lines. Pure.
namespace dialhook::log {

/// Appends `2026-11-23T17:00:00.123Z info decision webhook="CRM connection" elapsed_ms=12.4` and a line end.
void append_text_line(std::string& out, const Record& record, TimeText& times);

/// Appends the message and the fields of that line, without time, level and line end: MESSAGE in the journal, and the
/// whole of a line for syslog.
void append_text(std::string& out, const Record& record);

/// Appends the value alone, text as it stands.
void append_raw(std::string& out, const FieldValue& value);

/// Appends `{"time":"2026-11-23T17:00:00.123Z","level":"info","message":"decision","webhook":"CRM connection"}` and a
/// line end.
void append_json_line(std::string& out, const Record& record, TimeText& times);

/// Returns the priority that syslog and the journal have for a level, '0' to '7'.
char priority(Level level);

/// Appends `<6>`, as the journal reads it at the start of a line.
void append_priority(std::string& out, Level level);

} // namespace dialhook::log
