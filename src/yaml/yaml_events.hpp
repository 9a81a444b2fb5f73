#pragma once

#include "yaml/source_file.hpp"

#include <yaml.h>

#include <cstdint>
#include <string>

namespace dialhook::config {

/// One event of libyaml, freed at the end of its scope.
class YamlEvent
{
public:
    YamlEvent() = default;
    ~YamlEvent() { yaml_event_delete(&event_); }
    YamlEvent(const YamlEvent&) = delete;
    YamlEvent& operator=(const YamlEvent&) = delete;

    yaml_event_t* get() { return &event_; }
    const yaml_event_t* operator->() const { return &event_; }
    const yaml_event_t& operator*() const { return event_; }

private:
    yaml_event_t event_{};
};

/// libyaml over the text of one file.
class YamlEvents
{
public:
    explicit YamlEvents(const SourceFile& source);
    ~YamlEvents();
    YamlEvents(const YamlEvents&) = delete;
    YamlEvents& operator=(const YamlEvents&) = delete;

    /// Returns false if the text is no YAML.
    bool next(YamlEvent& event) { return yaml_parser_parse(&parser_, event.get()) == 1; }

    /// Returns what was wrong, in words for who wrote the file, and where.
    Mark error_mark() const;
    std::string error_message() const;

private:
    std::string odd_character_near(std::uint32_t first_line) const;

    const SourceFile& source_;
    yaml_parser_t parser_{};
};

inline Mark mark_of(const yaml_mark_t& mark)
{
    return {static_cast<std::uint32_t>(mark.line + 1), static_cast<std::uint32_t>(mark.column + 1)};
}

} // namespace dialhook::config
