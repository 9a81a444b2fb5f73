#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace dialhook {

/// How a number is written for a web server.
enum class NumberForm : unsigned char
{
    as_is,   ///< as the PBX sent it
    e164,    ///< `+31612345678`
    digits,  ///< `31612345678`
    national ///< `0612345678`; a foreign number as `e164`
};

inline constexpr std::array<std::string_view, 4> number_form_names{"as_is", "e164", "digits", "national"};

/// How the numbers of this PBX are dialled, and what that makes of a number: `server.numbers`. Nothing is looked up: a
/// number becomes E.164 when it is certain which one it is, and else stays as it is written. docs/configuration.md
/// ("Numbers") has the rules.
struct Numbers
{
    static constexpr std::size_t min_national = 7; ///< digits; fewer may be a short code such as 0900 or 112
    static constexpr std::size_t max_digits = 15;  ///< of a number in E.164, country code included

    std::string country;       ///< country code, such as `31`; empty: not known
    std::string trunk;         ///< before a national number, such as `0`; empty: nothing
    std::string international; ///< stands for `+`, such as `00`; empty: nothing does

    bool is_empty() const { return country.empty() && international.empty(); }

    /// Returns the number that `written` (UTF-8, or `tel:` and `sip:` URIs of a number) means, as `+` and digits, or
    /// nullopt if that is not certain.
    std::optional<std::string> e164(std::string_view written) const;

    /// Returns `written` in `form`, or as it is if it is not certain which number it is.
    std::string in_form(std::string_view written, NumberForm form) const;

    /// Returns what all ways to write one number have in common: its E.164 form, or the number as it is written, out of
    /// its URI; one that says that its number is of another country stays whole.
    std::string key(std::string_view written) const;

    /// Returns the `key` of the start of a number, however short: `050` is `+3150`.
    std::string key_of_start(std::string_view written) const;

    bool operator==(const Numbers&) const = default;
};

} // namespace dialhook
