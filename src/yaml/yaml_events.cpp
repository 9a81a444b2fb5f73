#include "yaml/yaml_events.hpp"

#include "base/lookalike.hpp"

#include <algorithm>
#include <new>
#include <string_view>

namespace dialhook::config {
namespace {

std::string_view or_empty(const char* text)
{
    return text == nullptr ? std::string_view() : std::string_view(text);
}

/// Returns the mistake that causes most errors of one kind, and what to do about it.
std::string_view remedy(std::string_view problem, std::string_view context, char at)
{
    if (problem.starts_with("found a tab") || at == '\t')
        return "indent with spaces, YAML allows no tabs";
    if (problem == "found character that cannot start any token")
        return "put quotes around a text that begins with this character";
    if (context == "while scanning an alias")
        return "put quotes around a text that begins with *";
    if (context == "while scanning an anchor")
        return "put quotes around a text that begins with &";
    if (context.starts_with("while parsing a flow"))
        return "close the bracket, and put quotes around a text that holds any of {}[],";
    if (problem.starts_with("mapping values are not allowed"))
        return "put quotes around a text that holds \": \", or check the indentation";
    if (problem == "found unexpected end of stream")
        return "close the quote";
    if (context.starts_with("while parsing a block"))
        return "check the indentation";
    if (problem == "could not find expected ':'")
        return "a key is followed by a colon and a space";
    if (problem == "found incompatible YAML document")
        return "the %YAML line may say 1.2, or be left out";
    if (problem == "did not find expected <document start>")
        return "remove the `...` line, after which nothing may follow";
    if (problem == "found unknown escape character")
        return "inside double quotes write \\\\ for a backslash, or use single quotes";
    return {};
}

} // namespace

YamlEvents::YamlEvents(const SourceFile& source)
    : source_(source)
{
    if (yaml_parser_initialize(&parser_) != 1)
        throw std::bad_alloc();
    yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
    const auto text = source.text();
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()), text.size());
}

YamlEvents::~YamlEvents()
{
    yaml_parser_delete(&parser_);
}

Mark YamlEvents::error_mark() const
{
    if (parser_.error == YAML_READER_ERROR)
        return source_.mark_at(parser_.problem_offset);
    return mark_of(parser_.problem_mark);
}

std::string YamlEvents::error_message() const
{
    const auto problem = or_empty(parser_.problem);
    const auto context = or_empty(parser_.context);
    std::string message = "this is not YAML: ";
    message += problem;
    const auto begun = mark_of(parser_.context_mark);
    if (!context.empty() && begun != error_mark()) {
        message += std::string(" ") + std::string(context) + " that begins at line " + std::to_string(begun.line) +
                   ", column " + std::to_string(begun.column);
    }
    const auto offset = source_.offset_of(error_mark());
    const auto hint = remedy(problem, context, offset < source_.text().size() ? source_.text()[offset] : '\0');
    if (!hint.empty())
        message += "; " + std::string(hint);
    message += odd_character_near(context == "while scanning a simple key" ? begun.line : error_mark().line - 1);
    return message;
}

/// Returns a character on the lines of an error that probably causes it: libyaml takes it for a letter.
std::string YamlEvents::odd_character_near(std::uint32_t first_line) const
{
    const auto error = error_mark();
    const auto begin = source_.offset_of({first_line, 1});
    const auto end = std::min(source_.text().find_first_of("\r\n", source_.offset_of(error)), source_.text().size());
    const auto found = first_lookalike(source_.text().substr(0, end), begin);
    if (!found || found->name.empty())
        return {};
    const auto place = source_.mark_at(found->offset);
    return "; line " + std::to_string(place.line) + " has " + name_of(*found) + " in column " +
           std::to_string(place.column) + ": " + remedy(*found);
}

} // namespace dialhook::config
