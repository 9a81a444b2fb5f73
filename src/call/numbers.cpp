#include "call/numbers.hpp"

#include "base/ascii.hpp"
#include "base/percent.hpp"
#include "base/text.hpp"
#include "call/written_number.hpp"

#include <algorithm>

namespace dialhook {
namespace {

bool has_scheme(std::string_view uri, std::string_view scheme)
{
    return uri.size() > scheme.size() && text::equals_ignoring_case(uri.substr(0, scheme.size()), scheme);
}

std::string without_visual_separators(std::string_view number)
{
    std::string bare(number);
    std::erase_if(bare, [](char c) { return c == '-' || c == '.' || c == '(' || c == ')'; });
    return bare;
}

/// Returns the value of `;phone-context=`, where a number that does not begin with `+` can be dialled.
std::string_view phone_context(std::string_view tel)
{
    constexpr std::string_view name = "phone-context=";
    for (auto at = tel.find(';'); at != std::string_view::npos; at = tel.find(';', at + 1)) {
        const std::string_view parameter = tel.substr(at + 1, tel.find(';', at + 1) - at - 1);
        if (text::equals_ignoring_case(parameter.substr(0, name.size()), name))
            return parameter.substr(name.size());
    }
    return {};
}

/// A domain name says nothing of the country.
bool is_of_elsewhere(std::string_view tel, const Numbers& numbers)
{
    const std::string_view context = phone_context(tel);
    return !numbers.country.empty() && !tel.starts_with('+') && context.starts_with('+') &&
           without_visual_separators(context.substr(1)) != numbers.country;
}

/// RFC 3966: `tel:+31-50-210.2544;phone-context=…`; one of another country, or of one area, has no number here.
std::string number_of_tel(std::string_view uri, std::string_view rest, const Numbers& numbers)
{
    if (is_of_elsewhere(rest, numbers))
        return std::string(uri);
    return without_visual_separators(rest.substr(0, rest.find(';')));
}

/// RFC 3261: `sip:user;parameters:password@host…`; one without a user has no number. The user may be all that a `tel:`
/// URI has behind its scheme.
std::string number_of_sip(std::string_view uri, std::string_view rest, const Numbers& numbers)
{
    const auto at = rest.find('@');
    if (at == std::string_view::npos)
        return std::string(uri);
    const std::string_view user = rest.substr(0, std::min(at, rest.find(':')));
    if (is_of_elsewhere(percent::decoded(user, percent::Plus::stays), numbers))
        return std::string(uri);
    return percent::decoded(user.substr(0, user.find(';')), percent::Plus::stays);
}

std::string out_of_uri(std::string_view written, const Numbers& numbers)
{
    if (has_scheme(written, "tel:"))
        return number_of_tel(written, written.substr(4), numbers);
    if (has_scheme(written, "sip:"))
        return number_of_sip(written, written.substr(4), numbers);
    if (has_scheme(written, "sips:"))
        return number_of_sip(written, written.substr(5), numbers);
    return std::string(written);
}

bool are_digits(std::string_view text)
{
    return std::all_of(text.begin(), text.end(), ascii::is_digit);
}

/// No country code begins with a zero.
std::optional<std::string> international_number(std::string_view digits)
{
    if (digits.empty() || digits.size() > Numbers::max_digits || digits.front() == '0' || !are_digits(digits))
        return std::nullopt;
    return "+" + std::string(digits);
}

/// Returns whether `rest` may follow `trunk`. `00` begins an international number in most of the world, whether the
/// configuration knows it or not.
bool may_follow(std::string_view trunk, std::string_view rest)
{
    const bool begins_like_international =
        trunk.empty() ? rest.starts_with("00") : trunk == "0" && rest.starts_with('0');
    return are_digits(rest) && !begins_like_international;
}

std::optional<std::string> e164_of_number(const Numbers& numbers, std::string_view written)
{
    const auto read = read_number(written, numbers.international);
    if (!read)
        return std::nullopt;
    const std::string_view number = *read;
    if (number.starts_with('+'))
        return international_number(number.substr(1));
    if (!numbers.international.empty() && number.starts_with(numbers.international))
        return international_number(number.substr(numbers.international.size()));
    if (numbers.country.empty() || !number.starts_with(numbers.trunk))
        return std::nullopt;
    const std::string_view national = number.substr(numbers.trunk.size());
    if (national.size() < Numbers::min_national || !may_follow(numbers.trunk, national))
        return std::nullopt;
    return international_number(numbers.country + std::string(national));
}

} // namespace

std::optional<std::string> Numbers::e164(std::string_view written) const
{
    return e164_of_number(*this, out_of_uri(written, *this));
}

std::string Numbers::in_form(std::string_view written, NumberForm form) const
{
    if (form == NumberForm::as_is)
        return std::string(written);
    auto number = e164(written);
    if (!number)
        return std::string(written);
    if (form == NumberForm::digits)
        return number->substr(1);
    if (form == NumberForm::e164 || country.empty() || number->compare(1, country.size(), country) != 0)
        return *std::move(number);
    // Only what is read as the same number again.
    std::string national = trunk + number->substr(1 + country.size());
    return e164(national) == number ? national : *std::move(number);
}

std::string Numbers::key(std::string_view written) const
{
    std::string number = out_of_uri(written, *this);
    auto in_e164 = e164_of_number(*this, number);
    return in_e164 ? *std::move(in_e164) : number;
}

std::string Numbers::key_of_start(std::string_view written) const
{
    std::string number = out_of_uri(written, *this);
    const auto read = read_number(number, international); // separators are read as in whole numbers
    const std::string_view start = read ? *read : number;
    if (start.starts_with('+'))
        return std::string(start);
    if (!international.empty() && start.starts_with(international))
        return "+" + std::string(start.substr(international.size()));
    if (start.empty() || country.empty() || !start.starts_with(trunk))
        return number;
    const std::string_view national = start.substr(trunk.size());
    return may_follow(trunk, national) ? "+" + country + std::string(national) : number;
}

} // namespace dialhook
