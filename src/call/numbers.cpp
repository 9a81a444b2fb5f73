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

/// RFC 3966: `tel:+31-50-210.2544;phone-context=…`
std::string number_of_tel(std::string_view rest)
{
    std::string number(rest.substr(0, rest.find(';')));
    std::erase_if(number, [](char c) { return c == '-' || c == '.' || c == '(' || c == ')'; });
    return number;
}

/// RFC 3261: `sip:user;parameters:password@host…`; one without a user has no number.
std::string number_of_sip(std::string_view uri, std::string_view rest)
{
    const auto at = rest.find('@');
    if (at == std::string_view::npos)
        return std::string(uri);
    const std::string_view user = rest.substr(0, at);
    return percent::decoded(user.substr(0, user.find_first_of(";:")), percent::Plus::stays);
}

std::string out_of_uri(std::string_view written)
{
    if (has_scheme(written, "tel:"))
        return number_of_tel(written.substr(4));
    if (has_scheme(written, "sip:"))
        return number_of_sip(written, written.substr(4));
    if (has_scheme(written, "sips:"))
        return number_of_sip(written, written.substr(5));
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

/// Whether `rest` may follow `trunk`. `00` begins an international number in most of the world, whether the
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
    return e164_of_number(*this, out_of_uri(written));
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
    std::string number = out_of_uri(written);
    auto in_e164 = e164_of_number(*this, number);
    return in_e164 ? *std::move(in_e164) : number;
}

std::string Numbers::key_of_start(std::string_view written) const
{
    std::string number = out_of_uri(written);
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
