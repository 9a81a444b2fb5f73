#include "base/text.hpp"
#include "webhook/reply.hpp"

#include <gtest/gtest.h>

#include <string>

namespace dialhook {
namespace {

using namespace std::string_view_literals;

/// A reply in one line: `ACK to=… name=… k=v`, or the fault.
std::string shown(std::string_view body)
{
    const auto reply = Reply::read(body);
    if (!reply)
        return std::string(to_string(reply.error()));
    std::string text(to_string(reply->status));
    if (reply->destination)
        text += " to=" + reply->destination->str();
    if (!reply->callername.empty())
        text += " name=" + reply->callername;
    for (const auto& [key, value] : reply->variables)
        text += " " + key + "=" + value;
    return text;
}

struct Case
{
    std::string_view body;
    std::string read;

    Case(std::string_view written, std::string_view shown)
        : body(written)
        , read(shown)
    {
    }
};

void expect_all(std::initializer_list<Case> cases)
{
    for (const auto& [body, read] : cases)
        EXPECT_EQ(shown(body), read) << testing::PrintToString(body);
}

constexpr auto empty = "the body is empty"sv;
constexpr auto html = "the body is an HTML page"sv;
constexpr auto no_status = "the body has no status="sv;
constexpr auto unknown_status = "the status is not ACK, NAK or ERR"sv;
constexpr auto bad_destination = "the destination is neither a number nor a plain SIP URI"sv;
constexpr auto quoted = "the body is in quotes; send its text without them"sv;

std::string holds(std::string_view character)
{
    return std::string(bad_destination) + ": it holds " + std::string(character);
}

TEST(Reply, IsReadAsWritten)
{
    expect_all({
        {"status=ACK&destination=%2B31502102544&callername=VoysTelecom", "ACK to=+31502102544 name=VoysTelecom"},
        {"status=ACK", "ACK"},
        {"status=NAK", "NAK"},
        {"status=ERR", "ERR"},
        {"status=ACK&customer=42&queue_id=a-b", "ACK customer=42 queue_id=a-b"},
        {"status=ACK&destination=sip%3Ajan%40example.com", "ACK to=sip:jan@example.com"},
        {"status=NAK&callername=Jan&why=unknown", "NAK name=Jan why=unknown"},
    });
}

TEST(Reply, SloppyOnesAreTolerated)
{
    expect_all({
        {"\xEF\xBB\xBFstatus=ACK", "ACK"},
        {"\r\n\t status=ACK \r\n", "ACK"},
        {" \xEF\xBB\xBF status=ACK", "ACK"},
        {"STATUS=ack&DESTINATION=101&CallerName=Jan", "ACK to=101 name=Jan"},
        {"callername=Jan&destination=101&status=Nak", "NAK name=Jan"},
        {"callername=Jan&destination=101&status=ACK", "ACK to=101 name=Jan"},
        {"status=ACK&callername=Jan de Vries", "ACK name=Jan de Vries"},
        {"status=ACK&callername=Jan+de+Vries&note=a+b", "ACK name=Jan de Vries note=a b"},
        {"status=ACK&callername=Müller", "ACK name=Müller"},
        {"status=ACK&callername=M%C3%BCller", "ACK name=Müller"},
        {"status=ACK&callername=M%FCller&city=K\xF6ln", "ACK name=Müller city=Köln"},
        {"status=ACK&destination=+31502102544", "ACK to=+31502102544"},
        {"status=ACK&destination= +31 50 210", "ACK to=+3150210"},
        {"status=ACK&destination=050+210+25+44", "ACK to=0502102544"},
        {"status=ACK&destination=(050)-210.25%2044", "ACK to=0502102544"},
        {"status=ACK&destination=sip:+31@a.nl", "ACK to=sip:+31@a.nl"},
        {"status=ACK&amp;destination=101&amp;callername=Jan", "ACK to=101 name=Jan"},
        {"status=ACK&&", "ACK"},
        {"&&status=ACK", "ACK"},
        {"status=ACK&callername=A&B", "ACK name=A&B"},
        {"status=ACK&callername=Tom & Jerry&destination=1", "ACK to=1 name=Tom & Jerry"},
        {"status=ACK&callername=Tom &amp; Jerry", "ACK name=Tom & Jerry"},
        {"status=ACK&nonsense&destination=101", "ACK to=101"},
        {"nonsense&status=ACK", "ACK"},
        {"status=ACK&callername=100%", "ACK name=100%"},
        {"status=ACK&callername=%zz%4", "ACK name=%zz%4"},
        {"status=ACK&destination=&callername=", "ACK"},
        {"status=ACK&destination=%20&callername=%20", "ACK"},
        {"status=&status=ACK", "ACK"},
        {"status=ACK&destination=&destination=101&destination=102", "ACK to=101"},
        {"status=ACK&callername=%00&callername=Jan", "ACK name=Jan"},
        {"status=ACK&x=&x=1&x=2", "ACK x=1"},
        {"status=ACK&callername=a=b", "ACK name=a=b"},
    });
}

TEST(Reply, IsRefusedWhenItIsNone)
{
    expect_all({
        {"", empty},
        {" \r\n", empty},
        {"\xEF\xBB\xBF", empty},
        {"<html>status=ACK</html>", html},
        {"\n<!DOCTYPE html>", html},
        {"destination=101", no_status},
        {"status=", no_status},
        {"status", no_status},
        {"ACK", no_status},
        {"status=OK", unknown_status},
        {"status=ACK foo", unknown_status},
        {"status=ACKNAK", unknown_status},
        {"status=FOO&status=ACK", unknown_status},
        {"status=ACK<br>", unknown_status},
        {"'status=NAK'", quoted},
        {R"("status=ACK" and more)", quoted},
        {R"("status=ACK&callername="Jan)", quoted},
    });
    EXPECT_EQ(shown("status=ACK&x=" + std::string(Reply::max_body, 'a')), "the body is longer than 64 KiB");
    EXPECT_EQ(shown("status=ACK&x=" + std::string(Reply::max_body - 13, 'a')), "ACK x=" + std::string(1024, 'a'));
}

/// What frameworks make of a text that is returned as JSON.
TEST(Reply, AJsonTextInQuotesIsUnwrappedOnce)
{
    expect_all({
        {R"("status=ACK&destination=101")", "ACK to=101"},
        {R"("status=ACK\u0026destination=%2B31\u0026callername=Jan\n")", "ACK to=+31 name=Jan"},
        {"\uFEFF \"status=NAK\"\r\n", "NAK"},
        {R"("callername=Zo\u00eb&status=ACK&tier=gold")", "ACK name=Zoë tier=gold"},
        {R"("callername=\"Jan\"&status=ACK")", "ACK name=\"Jan\""},
        {R"("\"status=ACK\"")", quoted},
        {R"("{\"status\":\"ACK\"}")",
         "the body has no status=; it begins as JSON does, which `reply` of this webhook does not read"},
        {R"("ACK")", no_status},
        {R"("")", empty},
        {R"(" \n")", empty},
        {R"("<html>status=ACK")", html},
    });
}

/// As in a JSON object: dropped from names, refused in destinations. What a form itself writes stays.
TEST(Reply, LoneSurrogatesInAJsonTextInQuotesAreDropped)
{
    expect_all({
        {R"("status=ACK&callername=\ud83d")", "ACK"},
        {R"("status=ACK&callername=Jan \ud83d&note=\udc00x\ud800\ud800y")", "ACK name=Jan  note=xy"},
        {R"("status=ACK&callername=\ud83d\udcde")", "ACK name=📞"},
        {R"("status=ACK&destination=101\ud83d")", holds("U+FFFD")},
        {R"("status=ACK&callername=%EF%BF%BD")", "ACK name=\uFFFD"},
        {"status=ACK&callername=\uFFFD", "ACK name=\uFFFD"},
    });
}

TEST(Reply, MarksAndLineEndsAroundItAreDropped)
{
    expect_all({
        {"\uFEFF\uFEFFstatus=NAK", "NAK"},
        {"\uFEFF\r\n\uFEFF \n\uFEFFstatus=NAK\uFEFF", "NAK"},
        {"status=ACK&destination=101\uFEFF\n\uFEFF\uFEFF\r\n", "ACK to=101"},
        {"\uFEFF\n\uFEFF", empty},
        // Files that are included add them between the pairs, too.
        {"status=ACK\uFEFF&\uFEFFdestination=101\uFEFF&callername=\uFEFFJan\uFEFF", "ACK to=101 name=Jan"},
        {"status=ACK&callername=\uFEFF&callername=Jan", "ACK name=Jan"},
    });
}

TEST(Reply, ItsTextBecomesUtf8)
{
    expect_all({
        {"status=ACK&callername=B%C3%A4ckerei%20M%C3", "ACK name=Bäckerei M"},
        {"status=ACK&shop=B%C3%A4ckerei%20M%C3&x=%E2%82%AC%E2%82", "ACK shop=Bäckerei M x=€"},
        {"status=ACK&callername=O\x92"
         "Brien&k=\x80uro",
         "ACK name=O’Brien k=€uro"},
        {"status=ACK&callername=O%92Brien%81", "ACK name=O’Brien"},
        {"status=ACK&destination=+31\xA0"
         "50\x96"
         "210",
         "ACK to=+3150210"},
    });
}

TEST(Reply, APlusBesideARawSpaceIsAPlus)
{
    expect_all({
        {"status=ACK&callername=A+ Advies", "ACK name=A+ Advies"},
        {"status=ACK&note=1 + 1 = 2", "ACK note=1 + 1 = 2"},
        {"status=ACK&callername=A++Advies", "ACK name=A  Advies"},
        {"status=ACK&callername=A%2B+Advies", "ACK name=A+ Advies"},
        {"status=ACK&callername=Jan+de+Vries \n&note=a+b", "ACK name=Jan de Vries  note=a b"},
    });
}

TEST(Reply, CharacterReferencesInNamesAreUndoneOnce)
{
    expect_all({
        {"status=ACK&callername=O&#039;Brien &amp; Co", "ACK name=O'Brien & Co"},
        {"status=ACK&callername=O&#x27;Brien&#X26;Co", "ACK name=O'Brien&Co"},
        {"status=ACK&callername=O%26%2339%3BBrien", "ACK name=O'Brien"},
        {"status=ACK&callername=&lt;b=c&gt; &quot;d&quot; &apos;e&apos;&destination=101",
         "ACK to=101 name=<b=c> \"d\" 'e'"},
        {"status=ACK&callername=Zo&#235;&#8217;s &#128222; caf&#xE9;", "ACK name=Zoë’s 📞 café"},
        {"status=ACK&callername=O&#146;Brien", "ACK name=O’Brien"},
        {"status=ACK&callername=a&amp;lt;b", "ACK name=a&lt;b"},
        {"status=ACK&callername=a&amp;amp;b", "ACK name=a&amp;b"},
        {"status=ACK&callername=a&#10;b&#0;&#x85;", "ACK name=ab…"},
        {"status=ACK&callername=&nbsp;&#xD800;&#1114112;&#;&#x;&#39 &#-5;",
         "ACK name=&nbsp;&#xD800;&#1114112;&#;&#x;&#39 &#-5;"},
        {"status=ACK&#038;destination=101&#38;callername=Jan", "ACK to=101 name=Jan"},
        {"status=ACK&#x026;destination=101&#X26;callername=Jan", "ACK to=101 name=Jan"},
        {"status=ACK&callername=R&amp;&#039;D", "ACK name=R&'D"},
        {"status=ACK&callername=&quot;A&amp;&quot;", "ACK name=\"A&\""},
        {"status=ACK&callername=A&amp;&amp;B", "ACK name=A&&B"},
        {"status=ACK&callername=Smith &amp;", "ACK name=Smith &"},
        {"status=ACK&note=Tom &amp; &#039;Jerry", "ACK note=Tom & &#039;Jerry"},
        {"status=ACK&amp;callername=Tom &amp; Jerry&amp;destination=1", "ACK to=1 name=Tom & Jerry"},
    });
}

TEST(Reply, APlusBeforeTheNumberIsAPlus)
{
    expect_all({
        {"status=ACK&destination=(+31) 50 210", "ACK to=+3150210"},
        {"status=ACK&destination=\u202A+31 50 210\u202C", "ACK to=+3150210"},
        {"status=ACK&destination=%E2%80%AA+31+50+210", "ACK to=+3150210"},
        {"status=ACK&destination=+%2B31 50", "ACK to=+3150"},
        {"status=ACK&destination=++31", "ACK to=+31"},
        {"status=ACK&destination=+31+(0)50+210", "ACK to=+3150210"},
        {"status=ACK&destination=%C2%A0&destination=101", "ACK to=101"},
        {"status=ACK&destination=%20sip:a@b%20", "ACK to=sip:a@b"},
        {"status=ACK&destination=%C2%A0sip%3Aa%40b\u200E", "ACK to=sip:a@b"},
        {"status=ACK&destination=sip:a@b%0D%0A", holds("U+000D")},
        {"status=ACK&destination=%C2%A0", "ACK"},
        {"status=ACK&destination=%D9%A3", holds("U+0663")},
    });
}

TEST(Reply, DestinationIsJudgedWithAckAlone)
{
    expect_all({
        {"status=ACK&destination=nonsense", holds("U+006E")},
        {"status=ACK&destination=31%0A50", holds("U+000A")},
        {"status=ACK&destination=31%00", holds("U+0000")},
        {"status=ACK&destination=101%26x", holds("U+0026")},
        {"status=ACK&destination=%2B%2B31", holds("U+002B")},
        {"status=ACK&destination=sip:1@a;x=y", holds("U+003B")},
        {"status=ACK&destination=%zz", holds("U+0025")},
        {"status=ACK&destination=%2B", bad_destination},
        {"status=NAK&destination=nonsense", "NAK"},
        {"status=ERR&destination=101", "ERR"},
    });
}

TEST(Reply, NothingInItCanInject)
{
    expect_all({
        {"status=ACK&callername=a%0D%0AX-Header:%20b%00", "ACK name=aX-Header: b"},
        {"status=ACK&callername=a\nb\x7F", "ACK name=ab"},
        {"status=ACK&callername=a%C2%85b", "ACK name=ab"},
        {"status=ACK&k=%1B[31mred&bad%20key=1&b\xC3\xA9=2&=3", "ACK k=[31mred"},
    });
}

TEST(Reply, ValuesAreCutAtCodePoints)
{
    std::string body = "status=ACK&callername=";
    for (int i = 0; i < 100; ++i)
        body += "€";
    EXPECT_EQ(Reply::read(body)->callername.size(), 80U * 3U);

    body = "status=ACK";
    for (int i = 0; i < 100; ++i)
        body += "&k" + std::to_string(i) + "=v";
    body += "&" + std::string(65, 'k') + "=v";
    const auto reply = Reply::read(body);
    EXPECT_EQ(reply->variables.size(), Reply::max_variables);
    EXPECT_EQ(reply->variables.back().first, "k63");
    EXPECT_EQ(shown("status=ACK&" + std::string(65, 'k') + "=v"), "ACK");
    EXPECT_EQ(shown("status=ACK&" + std::string(64, 'k') + "=v"), "ACK " + std::string(64, 'k') + "=v");
}

} // namespace
} // namespace dialhook
