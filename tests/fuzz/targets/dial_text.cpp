#include "fuzz/lines.hpp"
#include "fuzz/require.hpp"
#include "fuzz/targets.hpp"

#include <dialhook/call/destination.hpp>
#include <dialhook/call/text.hpp>
#include <dialhook/dialplan/argument_template.hpp>
#include <dialhook/dialplan/did_key.hpp>

#include <string>

namespace dialhook::fuzz {
namespace {

void require_destination(std::string_view text, std::string_view pattern_text)
{
    const auto pattern = DestinationPattern::from(pattern_text);
    const auto destination = Destination::from(text);
    if (!destination)
        return;
    const std::string_view safe = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+*#._~:@[]-";
    require(destination->str().find_first_not_of(safe) == std::string::npos, "a destination is safe to dial");
    require(destination->str().size() <= 256, "a destination is no longer than promised");
    require(*Destination::from(destination->str()) == *destination, "a destination is read as it was written");
    if (pattern && pattern->matches(*destination))
        require(destination->is_sip() == pattern->str().starts_with("sip:"), "a SIP URI needs a pattern of its own");
    if (const auto own = DestinationPattern::from(destination->str());
        own && own->str().find_first_of("*?") == std::string::npos)
        require(own->matches(*destination) || own->str().starts_with("sips:"), "a destination matches itself");
}

void require_arguments(std::string_view text, std::string_view value)
{
    const auto arguments = dialplan::ArgumentTemplate::from(text, "destination");
    if (!arguments)
        return;
    require(arguments->str("destination") == text, "a template is read as it was written");
    const auto filled = arguments->filled(value);
    if (!filled)
        return;
    const std::size_t before = text.find('$');
    require(filled->size() == text.size() - std::string_view("${destination}").size() + value.size() &&
                filled->substr(before, value.size()) == value,
            "a value takes the placeholder's place");
    require(filled->find('$') == std::string::npos, "no value brings an expression in");
    require(value.find_first_of(",()\"'\\&|;\n ") == std::string_view::npos, "no value brings an argument in");
    require(!text::has_controls(*filled), "arguments hold no control character");
}

} // namespace

/// Texts that lead to a phone: the first line is a template or pattern of the administrator, the rest is a number or
/// URI of somebody else.
void dial_text(std::string_view input)
{
    const std::string_view written = take_line(input);
    require_destination(input, written);
    require_arguments(written, input);
    require(dialplan::did_key(input, "00").size() <= input.size() + 1, "a number is not made longer");
    dialplan::did_key(input, written);
}

} // namespace dialhook::fuzz
