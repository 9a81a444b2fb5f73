#pragma once

#include <boost/system/result.hpp>

#include <string>
#include <string_view>

namespace dialhook {

/// Why a text is no destination.
struct RefusedDestination
{
    enum class Why : unsigned char
    {
        malformed,        ///< no digits, or half a SIP URI
        character,        ///< `character` is not allowed where it stands
        too_long,         ///< more than 32 digits, or a SIP URI of more than 256 bytes
        decimal_fraction, ///< `101.0`: a spreadsheet took the number for a quantity
        ip_address        ///< `192.168.1.20`
    };

    Why why = Why::malformed;
    char32_t character = 0;

    bool operator==(const RefusedDestination&) const = default;
};

/// Returns a sentence for logs and web developers. It names a character by its code point and quotes nothing else.
std::string to_string(const RefusedDestination& refused);

/// Returns the number that people, address books and spreadsheets mean by `written`: without spaces, dots, dashes and
/// brackets, ASCII and Unicode ones, without invisible marks, and without the `(0)` that is not dialled after a country
/// code (ITU-T E.123): `+31 (0)50 210-25.44` is `+31502102544`. A country code follows `+`, `00` or
/// `international_prefix` (empty: no other).
///
/// The result is digits, `*` and `#`, or digits with `+` before them, 32 of them at most. What is not UTF-8 has none.
boost::system::result<std::string, RefusedDestination> read_number(std::string_view written,
                                                                   std::string_view international_prefix = {});

/// Returns `written`, in UTF-8, without spaces and invisible marks at both ends.
std::string_view without_blank_ends(std::string_view written);

/// Returns whether `written`, in UTF-8, holds nothing but spaces and invisible marks.
bool is_blank_number(std::string_view written);

} // namespace dialhook
