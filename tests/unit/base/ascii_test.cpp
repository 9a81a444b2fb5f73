#include "base/ascii.hpp"

#include <gtest/gtest.h>

namespace dialhook::ascii {
namespace {

TEST(Ascii, LowersCapitalLettersAlone)
{
    EXPECT_EQ(lowered("Crm.LAN-[@`{09_\xC3\x84"), "crm.lan-[@`{09_\xC3\x84");
    for (int code = 0; code < 256; ++code) {
        const char byte = static_cast<char>(code);
        const bool is_capital = code >= 65 && code <= 90;
        EXPECT_EQ(lower(byte), is_capital ? static_cast<char>(code + 32) : byte) << code;
        EXPECT_EQ(is_upper(byte), is_capital) << code;
        EXPECT_EQ(is_lower(byte), code >= 97 && code <= 122) << code;
        EXPECT_EQ(is_digit(byte), code >= 48 && code <= 57) << code;
    }
}

TEST(Ascii, KnowsTheNamesOfHeaderFields)
{
    EXPECT_TRUE(is_token("X-Tenant"));
    EXPECT_TRUE(is_token("!#$%&'*+-.^_`|~09azAZ"));
    for (const std::string_view none : {"", "a b", "a:", "a\t", "\xC3\xA4", "a\x7F", "(a)", "a@b", "a/b"})
        EXPECT_FALSE(is_token(none)) << none;
}

} // namespace
} // namespace dialhook::ascii
