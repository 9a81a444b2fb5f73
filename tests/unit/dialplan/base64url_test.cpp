#include "dialplan/base64url.hpp"

#include <gtest/gtest.h>

namespace dialhook::dialplan {
namespace {

using namespace std::string_literals;

TEST(Base64Url, HasTheVectorsOfItsSpecification)
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
        EXPECT_EQ(base64url::encoded(bytes), text);
        EXPECT_EQ(base64url::decoded(text), bytes);
    }
}

TEST(Base64Url, EveryByteComesBack)
{
    std::string bytes;
    for (int byte = 255; byte >= 0; --byte) {
        bytes += static_cast<char>(byte);
        EXPECT_EQ(base64url::decoded(base64url::encoded(bytes)), bytes);
    }
}

TEST(Base64Url, OnlyWhatWasEncodedIsDecoded)
{
    for (const auto& text : {"Z"s, "Zm9vY"s, "Zh"s, "Zm9="s, "Zg=="s, "+/+/"s, "Zg\n"s, "Z g"s, "Zg\0"s, "Zm8\x80"s})
        EXPECT_FALSE(base64url::decoded(text)) << text;
}

} // namespace
} // namespace dialhook::dialplan
