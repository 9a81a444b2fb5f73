#include "webhook/url_template.hpp"

#include <gtest/gtest.h>

#include <string>

namespace dialhook {
namespace {

using namespace std::string_view_literals;

std::string expanded(std::string_view text, const VariableValues& values)
{
    const auto url = UrlTemplate::parse(text);
    if (!url)
        return "error: " + url.error().message;
    std::string target;
    url->expand(values, target);
    return target;
}

VariableValues jan()
{
    VariableValues values;
    values[Variable::did] = "+31502102544";
    values[Variable::callerid] = "+31612345678";
    values[Variable::callername] = "Jan & Müller/Co?";
    values[Variable::call_id] = "1-2@pbx";
    return values;
}

VariableValues did(std::string_view value)
{
    VariableValues values;
    values[Variable::did] = value;
    return values;
}

struct Case
{
    std::string_view text;
    std::string_view target;
};

TEST(UrlTemplate, ExpandsIntoPathAndQuery)
{
    const Case cases[] = {
        {"http://crm.lan", "/"},
        {"http://crm.lan?did={did}", "/?did=%2B31502102544"},
        {"http://crm.lan/in?did={did}&from={callerid}", "/in?did=%2B31502102544&from=%2B31612345678"},
        {"http://crm.lan/{did}/{callername}/x", "/%2B31502102544/Jan%20%26%20M%C3%BCller%2FCo%3F/x"},
        {"http://crm.lan/a{did}b{callerid}c", "/a%2B31502102544b%2B31612345678c"},
        {"http://crm.lan/x?id={call_id}&code={code}", "/x?id=1-2%40pbx&code="},
        {"http://crm.lan/{{did}}?a={{{did}}}", "/%7Bdid%7D?a=%7B%2B31502102544%7D"},
        {"http://crm.lan/?$filter=a&b=$didx&c=%24{did}&d=$", "/?$filter=a&b=$didx&c=%24%2B31502102544&d=$"},
        {"http://crm.lan/?n=\xE2\x80\x99s", "/?n=%E2%80%99s"},
        {"http://crm.lan/a%20b/%41?x=%7b", "/a%20b/%41?x=%7b"},
        {"http://crm.lan/a%2", "/a%252"},
        {"http://crm.lan/100%?p=5%", "/100%25?p=5%25"},
        {"http://crm.lan/a\"<>\\^`|b?c[]=d", "/a%22%3C%3E%5C%5E%60%7Cb?c%5B%5D=d"},
        {"http://crm.lan/caf\xC3\xA9", "/caf%C3%A9"},
        {"http://crm.lan/a#fragment", "/a"},
        {"http://crm.lan#fragment", "/"},
        {"http://crm.lan/a?b?c=/{did}", "/a?b?c=/%2B31502102544"},
        {"HTTP://CRM.lan:8080/A", "/A"},
    };
    for (const auto& [text, target] : cases)
        EXPECT_EQ(expanded(text, jan()), target) << text;
}

TEST(UrlTemplate, AValueNeverMakesADotSegment)
{
    struct
    {
        std::string_view text;
        std::string_view value;
        std::string_view target;
    } const cases[] = {
        {"http://h/a/{did}/b", "..", "/a//b"},
        {"http://h/a/{did}", ".", "/a/"},
        {"http://h/a/{did}?x={did}", "..", "/a/?x=.."},
        {"http://h/{did}{did}/b", ".", "//b"},
        {"http://h/.{did}/b", ".", "/./b"},
        {"http://h/%2e{did}/b", ".", "/%2e/b"},
        {"http://h/{did}", "...", "/..."},
        {"http://h/x{did}", "..", "/x.."},
        {"http://h/{did}", "../../etc", "/..%2F..%2Fetc"},
        {"http://h/../{did}", "1", "/../1"},
        {"http://h/{did}", "", "/"},
        {"http://h/a/.{did}/..{did}", "", "/a/./.."},
    };
    for (const auto& [text, value, target] : cases)
        EXPECT_EQ(expanded(text, did(value)), target) << text << " with " << value;
}

/// Every byte that a value may hold, in path and query: the structure of the target stays as the template has it.
TEST(UrlTemplate, NoValueChangesTheStructure)
{
    const auto url = UrlTemplate::parse("http://crm.lan/a/{did}/b?x={did}&y=1");
    for (int first = 0; first < 256; ++first)
        for (const std::string_view second : {"", "/", "&", "=", "?", "#", ".", "%", " ", "\n"}) {
            const std::string value = static_cast<char>(first) + std::string(second);
            std::string target;
            url->expand(did(value), target);
            EXPECT_EQ(std::count(target.begin(), target.end(), '/'), 3) << target;
            EXPECT_EQ(std::count(target.begin(), target.end(), '?'), 1) << target;
            EXPECT_EQ(std::count(target.begin(), target.end(), '&'), 1) << target;
            EXPECT_EQ(std::count(target.begin(), target.end(), '='), 2) << target;
            EXPECT_EQ(target.find_first_of(" #\r\n"), std::string::npos) << target;
        }
}

TEST(UrlTemplate, OriginAndCredentialsAreFixed)
{
    struct
    {
        std::string_view text;
        std::string_view authority;
        std::string_view authorization;
        std::string_view shown;
    } const cases[] = {
        {"http://CRM.lan/x", "crm.lan", "", "http://crm.lan/x"},
        {"https://crm.lan:443", "crm.lan", "", "https://crm.lan"},
        {"https://crm.lan:8443/{did}", "crm.lan:8443", "", "https://crm.lan:8443/{did}"},
        {"http://10.0.0.1:81", "10.0.0.1:81", "", "http://10.0.0.1:81"},
        {"http://10.20.30.40.Static.example.net/x", "10.20.30.40.static.example.net", "",
         "http://10.20.30.40.static.example.net/x"},
        {"http://192.168.1.20.nip.io:8080/", "192.168.1.20.nip.io:8080", "", "http://192.168.1.20.nip.io:8080/"},
        {"http://1.2.3.4x/", "1.2.3.4x", "", "http://1.2.3.4x/"},
        {"http://token@1.2.3.4.nip.io./", "1.2.3.4.nip.io.", "Basic dG9rZW46", "http://***@1.2.3.4.nip.io./"},
        {"http://[2001:DB8::1]:81/", "[2001:db8::1]:81", "", "http://[2001:db8::1]:81/"},
        {"http://crm.lan:/x", "crm.lan", "", "http://crm.lan/x"},
        {"http://Aladdin:open%20sesame@crm.lan/", "crm.lan",
         "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "http://***@crm.lan/"},
        {"http://token@crm.lan/", "crm.lan", "Basic dG9rZW46", "http://***@crm.lan/"},
    };
    for (const auto& [text, authority, authorization, shown] : cases) {
        const auto url = UrlTemplate::parse(text);
        ASSERT_TRUE(url) << text << ": " << url.error().message;
        EXPECT_EQ(url->origin().authority(), authority);
        EXPECT_EQ(url->origin().https, text.starts_with("https"));
        EXPECT_EQ(url->authorization(), authorization);
        EXPECT_EQ(url->shown(), shown);
    }
}

/// Other spellings of an address are no names, and a name is no excuse for what stands around it.
TEST(UrlTemplate, HostsThatOnlyBeginLikeAnAddress)
{
    for (const std::string_view text :
         {"http://10.0.0.1./", "http://10.0.0.1.2/", "http://10.0.0.0x1/", "http://10.0.0.1..nip.io/",
          "http://10.0.0.1.nip.io:8a/", "http://a@b@10.0.0.1.nip.io/", "http://10.0.0.1.nip.io:1:2/"})
        EXPECT_FALSE(UrlTemplate::parse(text)) << text;
}

TEST(UrlTemplate, KnowsItsVariables)
{
    const auto url = UrlTemplate::parse("http://h/{did}?c={code}");
    EXPECT_TRUE(url->uses(Variable::did));
    EXPECT_TRUE(url->uses(Variable::code));
    EXPECT_FALSE(url->uses(Variable::callerid));
}

TEST(UrlTemplate, ErrorsNameThePlaceAndTheRemedy)
{
    struct
    {
        std::string_view text;
        std::size_t offset;
        std::string_view message;
    } const cases[] = {
        {"", 0, "a URL starts with http:// or https://"},
        {"ftp://h/", 0, "a URL starts with http:// or https://, not with ftp://"},
        {"crm.lan/x", 0, "a URL starts with http:// or https://"},
        {"http://h/a b", 10,
         "a URL has no white space or control characters; write it in one line, and a space in it as %20"},
        {"http://h/a\n", 10,
         "this URL ends in a line end, or spans several lines; write it in one line, without > or |, in quotes if "
         "need be"},
        {"http://h/? a=b\n", 10,
         "this URL ends in a line end, or spans several lines; write it in one line, without > or |, in quotes if "
         "need be"},
        {"http://h/?d=${did}", 12,
         "found ${did}, but a variable is written {did}; write %24 for a $ that is meant as such"},
        {"http://h/%{did}", 9,
         "found %{did}, but a variable is written {did}; write %25 for a % that is meant as such"},
        {"http://h/?d=$did&x", 12,
         "found $did, but a variable is written {did}; write %24 for a $ that is meant as such"},
        {"http://h/?d=%callerid%", 12,
         "found %callerid%, but a variable is written {callerid}; write %25 for a % that is meant as such"},
        {"http://h/<did>", 9, "found <did>, but a variable is written {did}; write %3C for a < that is meant as such"},
        {"\xC2\xA0http://h/", 0, "this URL has U+00A0 (NO-BREAK SPACE) in it: write an ordinary space, or remove it"},
        {"http://h/?a=\xE2\x80\x8B{did}", 12, "this URL has U+200B (ZERO WIDTH SPACE) in it: remove it"},
        {"\xE2\x80\x9Chttp://h/\xE2\x80\x9D", 0,
         "this URL has U+201C (LEFT DOUBLE QUOTATION MARK) in it: write \" from the keyboard"},
        {"http://h/\xE2\x80\x99", 9,
         "this URL has U+2019 (RIGHT SINGLE QUOTATION MARK) in it: write ' from the keyboard"},
        {"http://h/{nme}", 9,
         "unknown variable {nme}; there are {code}, {did}, {callerid}, {callername}, {call_id} and {presentation}, "
         "and {var.NAME} for the names under `vars`"},
        {"http://h/{}", 9,
         "unknown variable {}; there are {code}, {did}, {callerid}, {callername}, {call_id} and {presentation}, "
         "and {var.NAME} for the names under `vars`"},
        {"http://h/{did", 9, "this { is not closed; a literal brace is written {{"},
        {"http://h/{did{x}", 9, "this { is not closed; a literal brace is written {{"},
        {"http://h/did}", 12, "this } closes nothing; a literal brace is written }}"},
        {"http://h/#{did}", 10, "{did} is in the fragment, which is never sent"},
        {"http://{did}/", 7,
         "{did} is before the path; variables belong in path and query only: a caller must not be able to "
         "choose where a request goes"},
        {"http://h:{did}/", 9,
         "{did} is before the path; variables belong in path and query only: a caller must not be able to "
         "choose where a request goes"},
        {"http://{did}@h/", 7,
         "{did} is before the path; variables belong in path and query only: a caller must not be able to "
         "choose where a request goes"},
        {"http:///x", 7,
         "the part after http:// needs a host: a name of letters, digits, dashes and dots, or an address without a "
         "zone"},
        {"http://h:0/", 7, "the part after http:// has a port that is not 1 to 65535"},
        {"http://h:99999/", 7, "the part after http:// has a port that is not 1 to 65535"},
        {"http://h:65536/", 7, "the part after http:// has a port that is not 1 to 65535"},
        {"http://h:99999999999/", 7, "the part after http:// has a port that is not 1 to 65535"},
        {"http://[fe80::1%25eth0]/", 7,
         "the part after http:// is not [user:password@]host[:port]; a host name with other letters than a-z is "
         "written in its "
         "xn-- form"},
        {"http://m\xC3\xBCller.de/", 7,
         "the part after http:// is not [user:password@]host[:port]; a host name with other letters than a-z is "
         "written in its "
         "xn-- form"},
        {"http://a..b/", 7,
         "the part after http:// needs a host: a name of letters, digits, dashes and dots, or an address without a "
         "zone"},
        {"http://secret:pass@h:x/", 7,
         "the part after http:// is not [user:password@]host[:port]; a host name with other letters than a-z is "
         "written in its "
         "xn-- form"},
    };
    for (const auto& [text, offset, message] : cases) {
        const auto url = UrlTemplate::parse(text);
        ASSERT_FALSE(url) << text;
        EXPECT_EQ(url.error().message, message) << text;
        EXPECT_EQ(url.error().offset, offset) << text;
    }
}

} // namespace
} // namespace dialhook
