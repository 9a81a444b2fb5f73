#include "config/numbers_section.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace dialhook::config {
namespace {

constexpr std::size_t max_country = 3;
constexpr std::size_t max_trunk = 4;
constexpr std::size_t max_international = 8;

/// Countries where a zero before a number belongs to it, or is only a part of what is dialled before it: the default
/// of `trunk` would make other numbers of theirs.
constexpr std::array<std::string_view, 11> without_trunk_zero{"36",  "39",  "225", "227", "241", "242",
                                                              "267", "268", "378", "501", "679"};

/// Reads `min` to `max` digits into `member`.
KeyTable<NumberSettings>::Read digits_into(std::string Numbers::*member, std::size_t min, std::size_t max,
                                           std::string_view expected)
{
    return [=](const Value& value, NumberSettings& settings) {
        const auto text = value.text(expected);
        if (!text)
            return;
        if (text->size() < min || text->size() > max || text->find_first_not_of("0123456789") != text->npos)
            value.unexpected(expected);
        else
            settings.plan.*member = *text;
    };
}

void read_country(const Value& value, NumberSettings& settings)
{
    constexpr std::string_view expected = "a country code, such as \"31\", without + or zeros before it";
    digits_into(&Numbers::country, 1, max_country, expected)(value, settings);
    if (!settings.plan.country.starts_with('0'))
        return;
    settings.plan.country.clear();
    value.unexpected(expected);
}

NumberSettings defaults()
{
    return {{.country = {}, .trunk = "0", .international = "00"}, NumberForm::as_is};
}

/// `values` says the same in words.
std::string digits_schema(std::size_t min, std::size_t max, std::string_view values)
{
    return R"({"type":["string","integer"],"pattern":"^[0-9]{)" + std::to_string(min) + "," + std::to_string(max) +
           R"(}$","patternErrorMessage":"expected )" + std::string(values) + R"("})";
}

/// In no country does what is dialled before a national number begin as an international one does: `international`
/// would then be taken off every national number.
void check_apart_from_trunk(const Value& value, const Numbers& plan)
{
    if (plan.country.empty() || plan.trunk.empty() || !plan.trunk.starts_with(plan.international))
        return;
    const auto international = value.entry("international");
    const auto trunk = value.entry("trunk");
    const std::string fault = "`trunk` " + plan.trunk + " begins with `international` " + plan.international +
                              ", so national numbers would be taken for international ones; correct one of the two";
    (international ? *international : trunk.value_or(value)).fault(fault);
}

void check(const Value& value, const NumberSettings& settings)
{
    const auto trunk = value.entry("trunk");
    const std::string& country = settings.plan.country;
    const auto* const found = std::find(without_trunk_zero.begin(), without_trunk_zero.end(), country);
    if (!trunk && !country.empty() && found != without_trunk_zero.end())
        value.entry("country").value_or(value).fault(
            "country " + country +
            " needs `trunk` beside it, since there it is not 0; write what is dialled before a national number, and "
            "trunk: \"\" where nothing is");
    check_apart_from_trunk(value, settings.plan);
}

} // namespace

const KeyTable<NumberSettings>& number_keys()
{
    static const auto keys = [] {
        const NumberSettings initial = defaults();
        KeyTable<NumberSettings> all;
        all.key({"country", "digits", "none", "1 to 3 digits",
                 "Country code of the PBX, such as `\"31\"`; without it only numbers with `+` or `international` are "
                 "brought to E.164.",
                 digits_schema(1, max_country, "1 to 3 digits")},
                read_country);
        all.key({"trunk", "digits", code(initial.plan.trunk), "up to 4 digits",
                 "What is dialled before a national number; `\"\"` where nothing is.",
                 digits_schema(0, max_trunk, "up to 4 digits")},
                digits_into(&Numbers::trunk, 0, max_trunk,
                            "the digits before a national number, such as \"0\", or \"\" where there are none"));
        all.key({"international", "digits", code(initial.plan.international), "1 to 8 digits",
                 "What stands for the `+` of a number.", digits_schema(1, max_international, "1 to 8 digits")},
                digits_into(&Numbers::international, 1, max_international,
                            "the digits that stand for the + of a number, such as \"00\""));
        all.choice("send", &NumberSettings::send, number_forms,
                   "How web servers get `did` and `callerid`, in templates without a form and in bodies.");
        return all;
    }();
    return keys;
}

NumberSettings read_numbers(const Value& value)
{
    NumberSettings settings = defaults();
    if (number_keys().read(value, settings))
        check(value, settings);
    return settings;
}

} // namespace dialhook::config
