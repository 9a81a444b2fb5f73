#include "base/base64.hpp"

#include <gtest/gtest.h>

namespace dialhook {
namespace {

using namespace std::string_literals;

TEST(Base64, HasTheVectorsOfItsSpecification)
{
    struct
    {
        const char* bytes;
        const char* text;
    } const cases[] = {
        // RFC 4648, section 10, without padding
        {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},          {"foo", "Zm9v"},
        {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}, {"\xFB\xFF\xBF", "-_-_"},
    };
    for (const auto& [bytes, text] : cases) {
        EXPECT_EQ(base64::encoded(bytes, base64::Form::url), text);
        EXPECT_EQ(base64::decoded(text, base64::Form::url), bytes);
    }
    for (const auto& [bytes, text] :
         {std::pair{"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"\xFB\xFF\xBF", "+/+/"}})
    {
        EXPECT_EQ(base64::encoded(bytes, base64::Form::padded), text);
        EXPECT_EQ(base64::decoded(text, base64::Form::padded), bytes);
    }
}

TEST(Base64, EveryByteComesBack)
{
    std::string bytes;
    for (int byte = 255; byte >= 0; --byte) {
        bytes += static_cast<char>(byte);
        EXPECT_EQ(base64::decoded(base64::encoded(bytes, base64::Form::url), base64::Form::url), bytes);
    }
}

TEST(Base64, OnlyWhatWasEncodedIsDecoded)
{
    for (const auto& text : {"Z"s, "Zm9vY"s, "Zh"s, "Zm9="s, "Zg=="s, "+/+/"s, "Zg\n"s, "Z g"s, "Zg\0"s, "Zm8\x80"s})
        EXPECT_FALSE(base64::decoded(text, base64::Form::url)) << text;
    for (const auto& text : {"Zg"s, "Zg="s, "Zg==="s, "Zh=="s, "===="s, "Z==="s, "Zm9v="s, "-_-_"s, "Zg=A"s})
        EXPECT_FALSE(base64::decoded(text, base64::Form::padded)) << text;
}

} // namespace
} // namespace dialhook
