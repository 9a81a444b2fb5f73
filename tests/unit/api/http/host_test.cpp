#include "api/http/host.hpp"

#include <gtest/gtest.h>

namespace dialhook::status {
namespace {

TEST(Host, LiteralAddressesAndOwnNamesAreOnesOwn)
{
    const std::vector<std::string> names{"pbx", "pbx.example.org"};
    for (const char* own : {"127.0.0.1", "127.0.0.1:9464", "10.20.0.1:80", "[::1]", "[::1]:9464", "[fe80::1]:9464",
                            "localhost", "LOCALHOST:9464", "localhost.", "pbx", "PBX.example.org:9464"})
        EXPECT_TRUE(is_own_host(own, names)) << own;
}

TEST(Host, NamesOfOthersAreNot)
{
    const std::vector<std::string> names{"pbx"};
    for (const char* others :
         {"", ":9464", "evil.example", "evil.example:9464", "localhost.evil.example", "127.0.0.1.evil.example",
          "pbx.evil.example", "127.0.0.1:9464.evil.example", "evil@127.0.0.1", "localhost:x", "::1", "[::1", "[pbx]",
          "127.1", "2130706433", "0x7f.0.0.1", "pbx ", " pbx", "pbx,evil.example"})
        EXPECT_FALSE(is_own_host(others, names)) << others;
}

} // namespace
} // namespace dialhook::status
