#include "base/lookalike.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <array>

namespace dialhook {
namespace {

struct Entry
{
    char32_t code;
    std::string_view name;
    std::string_view meant;
};

/// In the order of their codes.
constexpr auto table = std::to_array<Entry>({
    {0x00A0, "NO-BREAK SPACE", " "},
    {0x00AB, "LEFT-POINTING DOUBLE ANGLE QUOTATION MARK", "\""},
    {0x00AD, "SOFT HYPHEN", ""},
    {0x00B4, "ACUTE ACCENT", "'"},
    {0x00BB, "RIGHT-POINTING DOUBLE ANGLE QUOTATION MARK", "\""},
    {0x034F, "COMBINING GRAPHEME JOINER", ""},
    {0x0391, "GREEK CAPITAL LETTER ALPHA", "A"},
    {0x0392, "GREEK CAPITAL LETTER BETA", "B"},
    {0x0395, "GREEK CAPITAL LETTER EPSILON", "E"},
    {0x0396, "GREEK CAPITAL LETTER ZETA", "Z"},
    {0x0397, "GREEK CAPITAL LETTER ETA", "H"},
    {0x0399, "GREEK CAPITAL LETTER IOTA", "I"},
    {0x039A, "GREEK CAPITAL LETTER KAPPA", "K"},
    {0x039C, "GREEK CAPITAL LETTER MU", "M"},
    {0x039D, "GREEK CAPITAL LETTER NU", "N"},
    {0x039F, "GREEK CAPITAL LETTER OMICRON", "O"},
    {0x03A1, "GREEK CAPITAL LETTER RHO", "P"},
    {0x03A4, "GREEK CAPITAL LETTER TAU", "T"},
    {0x03A5, "GREEK CAPITAL LETTER UPSILON", "Y"},
    {0x03A7, "GREEK CAPITAL LETTER CHI", "X"},
    {0x03B1, "GREEK SMALL LETTER ALPHA", "a"},
    {0x03B9, "GREEK SMALL LETTER IOTA", "i"},
    {0x03BD, "GREEK SMALL LETTER NU", "v"},
    {0x03BF, "GREEK SMALL LETTER OMICRON", "o"},
    {0x03C1, "GREEK SMALL LETTER RHO", "p"},
    {0x0405, "CYRILLIC CAPITAL LETTER DZE", "S"},
    {0x0406, "CYRILLIC CAPITAL LETTER BYELORUSSIAN-UKRAINIAN I", "I"},
    {0x0408, "CYRILLIC CAPITAL LETTER JE", "J"},
    {0x0410, "CYRILLIC CAPITAL LETTER A", "A"},
    {0x0412, "CYRILLIC CAPITAL LETTER VE", "B"},
    {0x0415, "CYRILLIC CAPITAL LETTER IE", "E"},
    {0x041A, "CYRILLIC CAPITAL LETTER KA", "K"},
    {0x041C, "CYRILLIC CAPITAL LETTER EM", "M"},
    {0x041D, "CYRILLIC CAPITAL LETTER EN", "H"},
    {0x041E, "CYRILLIC CAPITAL LETTER O", "O"},
    {0x0420, "CYRILLIC CAPITAL LETTER ER", "P"},
    {0x0421, "CYRILLIC CAPITAL LETTER ES", "C"},
    {0x0422, "CYRILLIC CAPITAL LETTER TE", "T"},
    {0x0423, "CYRILLIC CAPITAL LETTER U", "Y"},
    {0x0425, "CYRILLIC CAPITAL LETTER HA", "X"},
    {0x0430, "CYRILLIC SMALL LETTER A", "a"},
    {0x0435, "CYRILLIC SMALL LETTER IE", "e"},
    {0x043E, "CYRILLIC SMALL LETTER O", "o"},
    {0x0440, "CYRILLIC SMALL LETTER ER", "p"},
    {0x0441, "CYRILLIC SMALL LETTER ES", "c"},
    {0x0443, "CYRILLIC SMALL LETTER U", "y"},
    {0x0445, "CYRILLIC SMALL LETTER HA", "x"},
    {0x0455, "CYRILLIC SMALL LETTER DZE", "s"},
    {0x0456, "CYRILLIC SMALL LETTER BYELORUSSIAN-UKRAINIAN I", "i"},
    {0x0458, "CYRILLIC SMALL LETTER JE", "j"},
    {0x04BB, "CYRILLIC SMALL LETTER SHHA", "h"},
    {0x0501, "CYRILLIC SMALL LETTER KOMI DE", "d"},
    {0x051B, "CYRILLIC SMALL LETTER QA", "q"},
    {0x051D, "CYRILLIC SMALL LETTER WE", "w"},
    {0x061C, "ARABIC LETTER MARK", ""},
    {0x1680, "OGHAM SPACE MARK", " "},
    {0x180E, "MONGOLIAN VOWEL SEPARATOR", ""},
    {0x2000, "EN QUAD", " "},
    {0x2001, "EM QUAD", " "},
    {0x2002, "EN SPACE", " "},
    {0x2003, "EM SPACE", " "},
    {0x2004, "THREE-PER-EM SPACE", " "},
    {0x2005, "FOUR-PER-EM SPACE", " "},
    {0x2006, "SIX-PER-EM SPACE", " "},
    {0x2007, "FIGURE SPACE", " "},
    {0x2008, "PUNCTUATION SPACE", " "},
    {0x2009, "THIN SPACE", " "},
    {0x200A, "HAIR SPACE", " "},
    {0x200B, "ZERO WIDTH SPACE", ""},
    {0x200C, "ZERO WIDTH NON-JOINER", ""},
    {0x200D, "ZERO WIDTH JOINER", ""},
    {0x200E, "LEFT-TO-RIGHT MARK", ""},
    {0x200F, "RIGHT-TO-LEFT MARK", ""},
    {0x2010, "HYPHEN", "-"},
    {0x2011, "NON-BREAKING HYPHEN", "-"},
    {0x2012, "FIGURE DASH", "-"},
    {0x2013, "EN DASH", "-"},
    {0x2014, "EM DASH", "-"},
    {0x2015, "HORIZONTAL BAR", "-"},
    {0x2018, "LEFT SINGLE QUOTATION MARK", "'"},
    {0x2019, "RIGHT SINGLE QUOTATION MARK", "'"},
    {0x201A, "SINGLE LOW-9 QUOTATION MARK", "'"},
    {0x201B, "SINGLE HIGH-REVERSED-9 QUOTATION MARK", "'"},
    {0x201C, "LEFT DOUBLE QUOTATION MARK", "\""},
    {0x201D, "RIGHT DOUBLE QUOTATION MARK", "\""},
    {0x201E, "DOUBLE LOW-9 QUOTATION MARK", "\""},
    {0x201F, "DOUBLE HIGH-REVERSED-9 QUOTATION MARK", "\""},
    {0x2022, "BULLET", "-"},
    {0x2024, "ONE DOT LEADER", "."},
    {0x2028, "LINE SEPARATOR", " "},
    {0x2029, "PARAGRAPH SEPARATOR", " "},
    {0x202A, "LEFT-TO-RIGHT EMBEDDING", ""},
    {0x202B, "RIGHT-TO-LEFT EMBEDDING", ""},
    {0x202C, "POP DIRECTIONAL FORMATTING", ""},
    {0x202D, "LEFT-TO-RIGHT OVERRIDE", ""},
    {0x202E, "RIGHT-TO-LEFT OVERRIDE", ""},
    {0x202F, "NARROW NO-BREAK SPACE", " "},
    {0x2032, "PRIME", "'"},
    {0x2033, "DOUBLE PRIME", "\""},
    {0x2039, "SINGLE LEFT-POINTING ANGLE QUOTATION MARK", "'"},
    {0x203A, "SINGLE RIGHT-POINTING ANGLE QUOTATION MARK", "'"},
    {0x2043, "HYPHEN BULLET", "-"},
    {0x2044, "FRACTION SLASH", "/"},
    {0x205F, "MEDIUM MATHEMATICAL SPACE", " "},
    {0x2060, "WORD JOINER", ""},
    {0x2061, "FUNCTION APPLICATION", ""},
    {0x2062, "INVISIBLE TIMES", ""},
    {0x2063, "INVISIBLE SEPARATOR", ""},
    {0x2064, "INVISIBLE PLUS", ""},
    {0x2066, "LEFT-TO-RIGHT ISOLATE", ""},
    {0x2067, "RIGHT-TO-LEFT ISOLATE", ""},
    {0x2068, "FIRST STRONG ISOLATE", ""},
    {0x2069, "POP DIRECTIONAL ISOLATE", ""},
    {0x2212, "MINUS SIGN", "-"},
    {0x2215, "DIVISION SLASH", "/"},
    {0x2236, "RATIO", ":"},
    {0x3000, "IDEOGRAPHIC SPACE", " "},
    {0xA789, "MODIFIER LETTER COLON", ":"},
    {0xFE55, "SMALL COLON", ":"},
    {0xFE58, "SMALL EM DASH", "-"},
    {0xFE63, "SMALL HYPHEN-MINUS", "-"},
    {0xFEFF, "ZERO WIDTH NO-BREAK SPACE, a byte-order mark", ""},
});

/// What U+FF01 and its followers stand for.
constexpr std::string_view full_width =
    "!\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~";

std::optional<Lookalike> lookalike(std::size_t offset, std::string_view character)
{
    constexpr char32_t first_full_width = 0xFF01;
    constexpr char32_t first_of_other_scripts = 0x0370; // Latin letters with accents are told apart at a glance
    const char32_t code = text::code_point_at(character, 0);
    if (code >= first_full_width && code < first_full_width + full_width.size())
        return Lookalike{
            offset, character.size(), code, "a full-width character", full_width.substr(code - first_full_width, 1),
            false};
    const auto* const found = std::ranges::lower_bound(table, code, {}, &Entry::code);
    if (found != table.end() && found->code == code)
        return Lookalike{offset,      character.size(), code,
                         found->name, found->meant,     found->meant.empty() || found->meant == " "};
    if (code >= first_of_other_scripts)
        return Lookalike{offset, character.size(), code, {}, character, false};
    return std::nullopt;
}

} // namespace

std::optional<Lookalike> first_lookalike(std::string_view written, std::size_t from)
{
    for (std::size_t at = from; at < written.size();) {
        const std::size_t size = text::sequence_length(written, at);
        if (size > 1)
            if (auto found = lookalike(at, written.substr(at, size)))
                return found;
        at += std::max<std::size_t>(size, 1);
    }
    return std::nullopt;
}

std::string name_of(const Lookalike& character)
{
    const std::string name = text::code_point_name(character.code);
    return character.name.empty() ? name : name + " (" + std::string(character.name) + ")";
}

std::string remedy(const Lookalike& character)
{
    if (character.name.empty())
        return "write it in ASCII";
    if (character.meant.empty())
        return "remove it";
    if (character.meant == " ")
        return "write an ordinary space, or remove it";
    return "write " + std::string(character.meant) + " from the keyboard";
}

std::string without_lookalikes(std::string_view text)
{
    std::string meant;
    std::size_t at = 0;
    while (const auto found = first_lookalike(text, at)) {
        meant.append(text.substr(at, found->offset - at)).append(found->meant);
        at = found->offset + found->size;
    }
    meant += text.substr(at);
    const auto begin = meant.find_first_not_of(" -'\"");
    if (begin == std::string::npos)
        return {};
    return meant.substr(begin, meant.find_last_not_of(" :'\"") + 1 - begin);
}

} // namespace dialhook
