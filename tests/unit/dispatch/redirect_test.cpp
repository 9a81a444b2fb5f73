#include "dispatch/redirect.hpp"

#include <gtest/gtest.h>

#include <string>

namespace dialhook::dispatch {
namespace {

std::string shown(Content content)
{
    return content == Content::get ? "GET" : content == Content::post ? "POST" : "POST without body";
}

std::string shown(const boost::system::result<Hop, BadRedirect>& hop)
{
    if (!hop)
        return std::string(hop.error().message);
    return shown(hop->content) + (hop->origin.https ? " https://" : " http://") + hop->origin.authority() + hop->target;
}

/// Where a GET of http://crm.lan/a/b?x=1 is sent.
std::string from_http(std::string_view location)
{
    return shown(next_hop({{false, "crm.lan", 80}, "/a/b?x=1", Content::get}, 302, location));
}

std::string from_https(std::string_view location)
{
    return shown(next_hop({{true, "crm.lan", 443}, "/a/b?x=1", Content::get}, 302, location));
}

struct Case
{
    std::string_view location;
    std::string_view expected;
};

constexpr std::string_view no_url = "the redirect's Location is not a URL";
constexpr std::string_view no_host = "the redirect's Location has no usable host";
constexpr std::string_view other_scheme = "the redirect leads to a scheme other than http and https";
constexpr std::string_view downgrade = "the redirect leads from https down to http";

TEST(Redirect, OnlyFiveStatusesAreOne)
{
    for (int status = 100; status < 1000; ++status)
        EXPECT_EQ(is_redirect(status),
                  status == 301 || status == 302 || status == 303 || status == 307 || status == 308);
}

TEST(Redirect, LocationIsResolvedAgainstTheRequest)
{
    const Case cases[] = {
        {"http://other.lan/c", "GET http://other.lan/c"},
        {"HTTP://Other.LAN/C", "GET http://other.lan/C"},
        {"http://other.lan", "GET http://other.lan/"},
        {"http://other.lan?y=2", "GET http://other.lan/?y=2"},
        {"http://other.lan:80/c", "GET http://other.lan/c"},
        {"http://other.lan:8080/c", "GET http://other.lan:8080/c"},
        {"http://other.lan:/c", "GET http://other.lan/c"},
        {"http://10.0.0.1/c", "GET http://10.0.0.1/c"},
        {"http://[2001:DB8::0:1]:81/c", "GET http://[2001:db8::1]:81/c"},
        {"http://10.0.0.1.nip.io:81/c/../d", "GET http://10.0.0.1.nip.io:81/d"},
        {"//10.0.0.1x?y", "GET http://10.0.0.1x/?y"},
        {"https://crm.lan/c", "GET https://crm.lan/c"},
        {"https://crm.lan:443/c", "GET https://crm.lan/c"},
        {"https://crm.lan:80/c", "GET https://crm.lan:80/c"},
        {"//other.lan/c", "GET http://other.lan/c"},
        {"//other.lan", "GET http://other.lan/"},
        {"/c", "GET http://crm.lan/c"},
        {"/", "GET http://crm.lan/"},
        {"/c?y=2&z", "GET http://crm.lan/c?y=2&z"},
        {"/c?", "GET http://crm.lan/c?"},
        {"/c/../d/./e", "GET http://crm.lan/d/e"},
        {"/../../c", "GET http://crm.lan/c"},
        {"/..", "GET http://crm.lan/"},
        {"/..c", "GET http://crm.lan/..c"},
        {"/../..?y", "GET http://crm.lan/?y"},
        {"c", "GET http://crm.lan/a/c"},
        {"c/", "GET http://crm.lan/a/c/"},
        {"./c", "GET http://crm.lan/a/c"},
        {".", "GET http://crm.lan/a/"},
        {"..", "GET http://crm.lan/"},
        {"../c", "GET http://crm.lan/c"},
        {"../../../c", "GET http://crm.lan/c"},
        {"?y=2", "GET http://crm.lan/a/b?y=2"},
        {"?", "GET http://crm.lan/a/b?"},
        {"#top", "GET http://crm.lan/a/b?x=1"},
        {"/c#top", "GET http://crm.lan/c"},
        {"/c?y=2#top?z", "GET http://crm.lan/c?y=2"},
        {"/c?next=http://x/?a#b", "GET http://crm.lan/c?next=http://x/?a"},
        {"/c%20d/%C3%A9?y=%26", "GET http://crm.lan/c%20d/%C3%A9?y=%26"},
        {"/a:b", "GET http://crm.lan/a:b"},
        {"./a:b", "GET http://crm.lan/a/a:b"},
    };
    for (const auto& [location, expected] : cases)
        EXPECT_EQ(from_http(location), expected) << location;
}

/// As sloppy as web servers are.
TEST(Redirect, RawBytesAreEncoded)
{
    const Case cases[] = {
        {"/c d", "GET http://crm.lan/c%20d"},
        {"/c?n=Jan de Vries", "GET http://crm.lan/c?n=Jan%20de%20Vries"},
        {"/M\xC3\xBCller?n=\xE2\x82\xAC", "GET http://crm.lan/M%C3%BCller?n=%E2%82%AC"},
        {"/M\xFCller", "GET http://crm.lan/M%FCller"},
        {"/a|b?c={d}&e=\"f\"", "GET http://crm.lan/a%7Cb?c=%7Bd%7D&e=%22f%22"},
        {"/<a>\\^`", "GET http://crm.lan/%3Ca%3E%5C%5E%60"},
        {"/a?x[]=1&y[z]=2", "GET http://crm.lan/a?x%5B%5D=1&y%5Bz%5D=2"},
        {"a[1]/b", "GET http://crm.lan/a/a%5B1%5D/b"},
        {"?next=http://[::1]/", "GET http://crm.lan/a/b?next=http://%5B::1%5D/"},
        {"http://[::1]:81/[c]?d[]", "GET http://[::1]:81/%5Bc%5D?d%5B%5D"},
        {"/100%", "GET http://crm.lan/100%25"},
        {"/c?p=5%&q=%zz%4", "GET http://crm.lan/c?p=5%25&q=%25zz%254"},
        {"/c\td", "GET http://crm.lan/c%09d"},
        {"/c\r\nX-Evil: 1", "GET http://crm.lan/c%0D%0AX-Evil:%201"},
        {std::string_view("/c\0d", 4), "GET http://crm.lan/c%00d"},
    };
    for (const auto& [location, expected] : cases)
        EXPECT_EQ(from_http(location), expected) << location;
}

TEST(Redirect, UserInfoIsDropped)
{
    EXPECT_EQ(from_http("http://user:pass@other.lan/c"), "GET http://other.lan/c");
    EXPECT_EQ(from_http("http://user@crm.lan/c"), "GET http://crm.lan/c");
    EXPECT_EQ(from_http("//crm.lan@evil.lan/c"), "GET http://evil.lan/c");
    EXPECT_EQ(from_http("http://crm.lan:80@evil.lan/"), "GET http://evil.lan/");
}

TEST(Redirect, HttpsNeverGoesDown)
{
    const Case cases[] = {
        {"http://crm.lan/c", downgrade},
        {"http://other.lan/c", downgrade},
        {"HTTP://crm.lan:443/c", downgrade},
        {"https://other.lan/c", "GET https://other.lan/c"},
        {"//other.lan/c", "GET https://other.lan/c"},
        {"/c", "GET https://crm.lan/c"},
        {"?y", "GET https://crm.lan/a/b?y"},
    };
    for (const auto& [location, expected] : cases)
        EXPECT_EQ(from_https(location), expected) << location;
}

TEST(Redirect, UnusableLocations)
{
    const Case cases[] = {
        {"", "the redirect has no Location"},
        {"ftp://crm.lan/c", other_scheme},
        {"file:///etc/passwd", other_scheme},
        {"javascript:alert(1)", other_scheme},
        {"mailto:a@b", other_scheme},
        {"httpx://crm.lan/", other_scheme},
        {"unix:/run/x", other_scheme},
        {"http:", no_host},
        {"http:///c", no_host},
        {"http:c", no_host},
        {"http:/c", no_host},
        {"//", no_host},
        {"http://:80/", no_host},
        {"http://crm..lan/", no_host},
        {"http://crm.lan:0/", no_host},
        {"http://m%C3%BCller.de/", no_host},
        {"http://m\xC3\xBCller.de/", no_host},
        {"http://a b/", no_host},
        {"http://[fe80::1%25eth0]/", no_url},
        {"http://crm.lan:99999/", no_host},
        {"http://crm.lan:8a/", no_url},
        {"http://10.0.0.1./", no_url},
        {"http://10.0.0.1.nip.io:8a/", no_url},
        {"http://[::1/", no_url},
        {"http://[::g]/", no_url},
        {"1http://crm.lan/", no_url},
        {":", no_url},
    };
    for (const auto& [location, expected] : cases)
        EXPECT_EQ(from_http(location), expected) << location;
    EXPECT_EQ(from_http("/" + std::string(8191, 'a')), "GET http://crm.lan/" + std::string(8191, 'a'));
    EXPECT_EQ(from_http("/" + std::string(8192, 'a')), "the redirect's Location is longer than 8 KiB");
}

TEST(Redirect, MethodAndBody)
{
    struct
    {
        Content content;
        int status;
        std::string_view location;
        std::string_view expected;
    } const cases[] = {
        {Content::get, 301, "/c", "GET http://crm.lan/c"},
        {Content::get, 307, "/c", "GET http://crm.lan/c"},
        {Content::get, 308, "http://other.lan/", "GET http://other.lan/"},
        {Content::post, 301, "/c", "GET http://crm.lan/c"},
        {Content::post, 302, "/c", "GET http://crm.lan/c"},
        {Content::post, 303, "/c", "GET http://crm.lan/c"},
        {Content::post, 307, "/c", "POST http://crm.lan/c"},
        {Content::post, 308, "/c", "POST http://crm.lan/c"},
        {Content::post, 308, "http://CRM.lan:80/c", "POST http://crm.lan/c"},
        {Content::post, 302, "http://other.lan/", "GET http://other.lan/"},
        {Content::post, 307, "http://other.lan/", "POST without body http://other.lan/"},
        {Content::post, 308, "http://crm.lan:81/", "POST without body http://crm.lan:81/"},
        {Content::post, 308, "https://crm.lan/", "POST without body https://crm.lan/"},
        {Content::post, 307, "http://sub.crm.lan/", "POST without body http://sub.crm.lan/"},
        {Content::post_body_less, 307, "/c", "POST without body http://crm.lan/c"},
        {Content::post_body_less, 308, "http://other.lan/", "POST without body http://other.lan/"},
        {Content::post_body_less, 303, "/c", "GET http://crm.lan/c"},
    };
    for (const auto& [content, status, location, expected] : cases)
        EXPECT_EQ(shown(next_hop({{false, "crm.lan", 80}, "/a", content}, status, location)), expected)
            << status << " " << location;
}

/// Request targets of every shape that a URL template can expand to are a usable base.
TEST(Redirect, AnyRequestIsABase)
{
    struct
    {
        std::string_view target;
        std::string_view location;
        std::string_view expected;
    } const cases[] = {
        {"/", "c", "GET http://[2001:db8::1]:81/c"},
        {"/?x=%2B31", "?y", "GET http://[2001:db8::1]:81/?y"},
        {"//a//b", "c", "GET http://[2001:db8::1]:81//a//c"},
        {"//a//b", "#x", "GET http://[2001:db8::1]:81//a//b"},
        {"//a", "..//c", "GET http://[2001:db8::1]:81//c"},
        {"/a?b?c=/d", "e", "GET http://[2001:db8::1]:81/e"},
        {"/%7Bdid%7D?c%5B%5D=1", "#x", "GET http://[2001:db8::1]:81/%7Bdid%7D?c%5B%5D=1"},
        {"/a/%2E%2E/b", "c", "GET http://[2001:db8::1]:81/c"},
    };
    for (const auto& [target, location, expected] : cases)
        EXPECT_EQ(shown(next_hop({{false, "2001:db8::1", 81}, std::string(target), Content::get}, 302, location)),
                  expected)
            << target << " " << location;
}

TEST(Redirect, FromAHostThatBeginsLikeAnAddress)
{
    const Hop hop{{false, "10.0.0.1.nip.io", 81}, "/a/b", Content::get};
    EXPECT_EQ(shown(next_hop(hop, 302, "c")), "GET http://10.0.0.1.nip.io:81/a/c");
}

/// Whatever a web server sends: the next request has no byte that ends a line or splits the request line.
TEST(Redirect, NoByteOfALocationSplitsTheRequest)
{
    for (int byte = 0; byte < 256; ++byte)
        for (const std::string_view start :
             {"", "/", "/?", "http://crm.lan/", "http://crm.lan", "//crm.lan", "http://", "/%"}) {
            const std::string location = std::string(start) + static_cast<char>(byte) + "x";
            const auto hop = next_hop({{false, "crm.lan", 80}, "/a", Content::get}, 302, location);
            if (!hop)
                continue;
            EXPECT_TRUE(hop->target.starts_with('/')) << location;
            EXPECT_EQ(hop->target.find_first_of(std::string_view(" #\t\r\n\0", 6)), std::string::npos) << location;
            EXPECT_EQ(hop->origin.host.find_first_of(std::string_view(" /@\r\n\0", 6)), std::string::npos) << location;
        }
}

} // namespace
} // namespace dialhook::dispatch
