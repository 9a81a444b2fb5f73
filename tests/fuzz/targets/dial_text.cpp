#include "base/text.hpp"
#include "call/destination.hpp"
#include "call/numbers.hpp"
#include "dialplan/argument_template.hpp"
#include "fuzz/lines.hpp"
#include "fuzz/require.hpp"
#include "fuzz/targets.hpp"

#include <algorithm>
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

void require_number(std::string_view text, const Numbers& numbers)
{
    const auto number = numbers.e164(text);
    numbers.key_of_start(text);
    if (!number) {
        for (const NumberForm form : {NumberForm::e164, NumberForm::digits, NumberForm::national})
            require(numbers.in_form(text, form) == text, "what is no certain number stays as it is");
        return;
    }
    require(number->size() >= 2 && number->size() <= 1 + Numbers::max_digits && number->front() == '+' &&
                number->find_first_not_of("0123456789", 1) == std::string::npos,
            "a number in E.164 is a plus and 1 to 15 digits");
    require(numbers.e164(*number) == number, "a number in E.164 is one already");
    require(numbers.key(text) == *number, "a number is found by its E.164 form");
    require(numbers.e164(numbers.in_form(text, NumberForm::national)) == number,
            "the national form is the same number");
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
    require(std::ranges::count(value, '[') == std::ranges::count(value, ']') && value.find('[') <= value.find(']'),
            "no value leaves a bracket open");
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
    require_number(input, {"31", "0", "00"});
    require_number(input, {"39", "", "00"});
    require_number(input, {"1", std::string(written), std::string(written)});
}

} // namespace dialhook::fuzz
