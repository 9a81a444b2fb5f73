#include "daemon/wants_json.hpp"

#include <system_error>

#include <fstream>
#include <optional>
#include <string>
#include <string_view>

namespace dialhook::daemon {
namespace {

/// Returns `line` without its comment, blanks and quotes: `"format": "json"` and `format: json` are the same then.
std::string bare(std::string_view line)
{
    std::string result;
    for (std::size_t at = 0; at < line.size(); ++at) {
        const char character = line[at];
        if (character == '#' && (at == 0 || line[at - 1] == ' ' || line[at - 1] == '\t'))
            break;
        if (std::string_view(" \t\r\"'").find(character) == std::string_view::npos)
            result += character;
    }
    return result;
}

/// Finds `format:json` where a key can stand and a value can end.
bool names_json(std::string_view bare_line)
{
    constexpr std::string_view wanted = "format:json";
    const auto at = bare_line.find(wanted);
    if (at == std::string_view::npos)
        return false;
    const auto ends_at = at + wanted.size();
    const bool is_key = at == 0 || bare_line[at - 1] == '{' || bare_line[at - 1] == ',';
    const bool ends = ends_at == bare_line.size() || bare_line[ends_at] == '}' || bare_line[ends_at] == ',';
    return is_key && ends;
}

} // namespace

bool wants_json(const std::filesystem::path& file)
{
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(file, ignored))
        return false; // nothing may hold up a start that refuses calls
    // Lines and not YAML, which the file may have ceased to be.
    std::ifstream lines(file);
    std::string line;
    std::optional<std::size_t> log_indent; // of the mapping `log` that the line may belong to
    while (std::getline(lines, line)) {
        const std::string text = bare(line);
        if (text.empty())
            continue;
        const std::size_t indent = line.find_first_not_of(" \t\r");
        if (log_indent && indent <= *log_indent)
            log_indent.reset();
        const auto log = text.find("log:");
        const bool begins_log =
            log == 0 || (log != std::string::npos && (text[log - 1] == '{' || text[log - 1] == ','));
        if (names_json(log_indent ? text : begins_log ? text.substr(log) : ""))
            return true;
        if (log == 0)
            log_indent = indent;
    }
    return false;
}

} // namespace dialhook::daemon
