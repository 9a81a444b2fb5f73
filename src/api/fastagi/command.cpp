#include "api/fastagi/command.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <vector>

namespace dialhook::fastagi {
namespace {

/// Room that one argument leaves for each of the others, quotes and all: names of variables, keys and times fit.
constexpr std::size_t room_for_another = 256;

/// What precedes an argument on the line.
constexpr std::size_t space = 1;

std::string line_of(std::string_view name, const std::vector<std::string>& quoted)
{
    std::string line(name);
    for (const std::string& argument : quoted)
        line.append(1, ' ').append(argument);
    return line.append(1, '\n');
}

} // namespace

Command Command::cut(std::string_view name, std::initializer_list<std::string_view> arguments)
{
    const auto is_shorter = [](std::string_view left, std::string_view right) {
        return command::quoted(left).size() < command::quoted(right).size();
    };
    const auto* const longest = std::max_element(arguments.begin(), arguments.end(), is_shorter);
    std::vector<std::string> quoted(arguments.size());
    std::size_t size = name.size() + 1;
    for (const auto* argument = arguments.begin(); argument != arguments.end(); ++argument)
        if (argument != longest) {
            auto& text = quoted[static_cast<std::size_t>(argument - arguments.begin())];
            text = command::quoted(*argument, room_for_another);
            size += space + text.size();
        }
    if (longest != arguments.end())
        quoted[static_cast<std::size_t>(longest - arguments.begin())] =
            command::quoted(*longest, max_bytes - size - space);
    return Command(line_of(name, quoted));
}

std::optional<Command> Command::whole(std::string_view name, std::initializer_list<std::string_view> arguments)
{
    std::size_t size = name.size() + 1;
    std::vector<std::string> quoted;
    for (const std::string_view argument : arguments) {
        // Escaping at most doubles it.
        quoted.push_back(command::quoted(argument, 2 * argument.size() + 2));
        size += space + quoted.back().size();
    }
    if (size > max_bytes)
        return std::nullopt;
    return Command(line_of(name, quoted));
}

namespace command {

std::string quoted(std::string_view utf8, std::size_t max_size)
{
    const std::string clean = text::without_controls(std::string(utf8));
    std::string quoted = "\"";
    for (std::size_t at = 0; at < clean.size();) {
        const std::size_t size = text::code_point_length(clean, at);
        const bool is_escaped = clean[at] == '"' || clean[at] == '\\';
        if (quoted.size() + (is_escaped ? 1 : 0) + size + 1 > max_size)
            break;
        if (is_escaped)
            quoted += '\\';
        quoted.append(clean, at, size);
        at += size;
    }
    return quoted + '"';
}

Command answer()
{
    return Command::cut("ANSWER", {});
}

Command channel_status()
{
    return Command::cut("CHANNEL STATUS", {});
}

Command set_variable(std::string_view name, std::string_view value)
{
    return Command::cut("SET VARIABLE", {name, value});
}

Command stream_file(std::string_view file, std::string_view escape_keys)
{
    return Command::cut("STREAM FILE", {file, escape_keys});
}

Command get_data(std::string_view file, long long timeout_ms, unsigned max_digits)
{
    return Command::cut("GET DATA", {file, std::to_string(timeout_ms), std::to_string(max_digits)});
}

Command wait_for_digit(long long timeout_ms)
{
    return Command::cut("WAIT FOR DIGIT", {std::to_string(timeout_ms)});
}

Command verbose(std::string_view message)
{
    return Command::cut("VERBOSE", {message, "1"});
}

std::optional<Command> exec(std::string_view application, std::string_view arguments)
{
    return Command::whole("EXEC", {application, arguments});
}

} // namespace command
} // namespace dialhook::fastagi
