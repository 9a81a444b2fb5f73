#include "ctl/terminal.hpp"

#include <gtest/gtest.h>

namespace dialhook::ctl {
namespace {

TEST(Terminal, ShowsInsteadOfObeying)
{
    struct Case
    {
        std::string_view text;
        std::string_view shown;
    };
    const Case cases[] = {
        {"", ""},
        {"Jan de Vries, +31 50", "Jan de Vries, +31 50"},
        {"Zoë 日本 😀", "Zoë 日本 😀"},
        {"\x1b[2J\x1b]0;owned\x07", "\\x1b[2J\\x1b]0;owned\\x07"},
        {"a\r\nb\tc", "a\\r\\nb\\tc"},
        {std::string_view("a\0b", 3), "a\\x00b"},
        {"\x7f", "\\x7f"},
        {"\xc2\x9b"
         "31m",
         "\\u{009b}31m"},         // CSI as one C1 character
        {"\xc2\xa0", "\xc2\xa0"}, // its neighbour, a no-break space
        {"a\xe2\x80\xae"
         "b",
         "a\\u{202e}b"},                              // right-to-left override
        {"\xe2\x80\xa8", "\\u{2028}"},                // line separator
        {"\xef\xbb\xbfx", "\\u{feff}x"},              // byte-order mark
        {"J\xf6rg", "J\\xf6rg"},                      // Latin-1
        {"\xc0\x9b", "\\xc0\\x9b"},                   // overlong ESC
        {"\xed\xa0\x80", "\\xed\\xa0\\x80"},          // a surrogate
        {"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"}, // beyond Unicode
        {"cut \xf0\x9f\x98", "cut \\xf0\\x9f\\x98"},
    };
    for (const Case& c : cases)
        EXPECT_EQ(harmless(c.text), c.shown);
}

TEST(Terminal, CountsColumns)
{
    EXPECT_EQ(columns(""), 0U);
    EXPECT_EQ(columns("abc"), 3U);
    EXPECT_EQ(columns("Zoë"), 3U);
    EXPECT_EQ(columns("Zoe\xcc\x88"), 3U); // e and a combining diaeresis
}

TEST(Table, FitsItsWidthsToTheWidestCell)
{
    EXPECT_EQ(
        table({"NAME", ">SUCCESS", "URL"}, {{"crm", "12", "http://crm.lan/"}, {"Zoë's webhook", "1234567890", "x"}}),
        "NAME              SUCCESS  URL\n"
        "crm                    12  http://crm.lan/\n"
        "Zoë's webhook  1234567890  x\n");
}

TEST(Table, MakesCellsHarmlessAndToleratesShortRows)
{
    EXPECT_EQ(table({"A", "B"}, {{"x\ny", "\x1b"}, {"1"}, {}}), "A     B\n"
                                                                "x\\ny  \\x1b\n"
                                                                "1\n"
                                                                "\n");
}

} // namespace
} // namespace dialhook::ctl
