#include "fastagi/command.hpp"

#include <dialhook/call/text.hpp>

namespace dialhook::fastagi::command {
namespace {

std::string line(std::string_view name, std::initializer_list<std::string_view> arguments)
{
    std::string text(name);
    for (const std::string_view argument : arguments)
        text += ' ' + quoted(argument);
    return text;
}

} // namespace

std::string quoted(std::string_view utf8)
{
    const std::string clean = text::without_controls(std::string(utf8));
    std::string text = "\"";
    std::size_t at = 0;
    while (at < clean.size()) {
        const std::size_t size = text::first_code_points(std::string_view(clean).substr(at), 1).size();
        if (text.size() + size + 1 > max_argument)
            break;
        if (clean[at] == '"' || clean[at] == '\\')
            text += '\\';
        text.append(clean, at, size);
        at += size;
    }
    return text + '"';
}

std::string set_variable(std::string_view name, std::string_view value)
{
    return line("SET VARIABLE", {name, value});
}

std::string exec(std::string_view application, std::string_view arguments)
{
    return line("EXEC", {application, arguments});
}

std::string stream_file(std::string_view file, std::string_view escape_keys)
{
    return line("STREAM FILE", {file, escape_keys});
}

std::string get_data(std::string_view file, long long timeout_ms, unsigned max_digits)
{
    return line("GET DATA", {file, std::to_string(timeout_ms), std::to_string(max_digits)});
}

std::string wait_for_digit(long long timeout_ms)
{
    return line("WAIT FOR DIGIT", {std::to_string(timeout_ms)});
}

std::string verbose(std::string_view message)
{
    return line("VERBOSE", {message, "1"});
}

} // namespace dialhook::fastagi::command
