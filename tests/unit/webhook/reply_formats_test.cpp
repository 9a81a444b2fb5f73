#include "base/percent.hpp"
#include "base/text.hpp"
#include "webhook/reply.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace dialhook {
namespace {

using namespace std::string_view_literals;

ReplyOptions of_format(ReplyFormat format)
{
    ReplyOptions options = ReplyOptions::standard();
    options.format = format;
    return options;
}

ReplyTarget pointer(ReplyField field, std::vector<std::string> tokens, std::string variable = {})
{
    return {.field = field, .variable = std::move(variable), .key = {}, .pointer = std::move(tokens)};
}

/// A reply in one line: `ACK to=… name=… k=v`, or the fault.
std::string shown(std::string_view body, const ReplyOptions& options = of_format(ReplyFormat::json))
{
    const auto reply = Reply::read(body, {}, options);
    if (!reply)
        return to_string(reply.error());
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

void expect_all(std::initializer_list<Case> cases, const ReplyOptions& options = of_format(ReplyFormat::json))
{
    for (const auto& [body, read] : cases)
        EXPECT_EQ(shown(body, options), read) << testing::PrintToString(body);
}

constexpr auto bad_destination = "the destination is neither a number nor a plain SIP URI"sv;
constexpr auto no_status = "the body has no status at /status"sv;
constexpr auto unknown_status = "the status is not ACK, NAK or ERR (at /status)"sv;
constexpr auto no_text = "the destination is neither text nor a number (at /destination)"sv;

std::string holds(std::string_view character, std::string_view place = "/destination")
{
    return std::string(bad_destination) + ": it holds " + std::string(character) + " (at " + std::string(place) + ")";
}

TEST(JsonReply, IsReadAsItStands)
{
    const std::initializer_list<Case> cases = {
        {R"({"status":"ACK","destination":"+31502102544","callername":"Voys","variables":{"tier":"gold"}})",
         "ACK to=+31502102544 name=Voys tier=gold"},
        {R"({"status":"ACK"})", "ACK"},
        {R"({"status":"NAK","callername":"Jan","why":"unknown"})", "NAK name=Jan why=unknown"},
        {R"({"status":"ERR","destination":"nonsense"})", "ERR"},
        {R"({"status":true,"destination":101})", "ACK to=101"},
        {R"({"status":false,"destination":101})", "NAK"},
        {R"({"status":"ACK","account":4711,"open":true,"closed":false,"tier":"gold"})",
         "ACK account=4711 open=true closed=false tier=gold"},
        {R"({"status":"ACK","list":[1],"object":{"a":1},"none":null,"empty":""})", "ACK"},
        {R"({"status":"ACK","variables":{"n":1.50,"b":true,"o":{"x":1},"l":[1],"z":null,"t":"x"},"n":2,"t":"y"})",
         "ACK n=1.50 b=true t=x"},
        {R"({"n":2,"variables":{"n":1},"status":"ACK"})", "ACK n=2"},
        {R"({"status":"ACK","variables":[]})", "ACK"},
        {R"({"status":"ACK","variables":"x"})", "ACK"},
    };
    expect_all(cases);
    expect_all(cases, ReplyOptions::standard());
}

TEST(JsonReply, SloppyOnesAreTolerated)
{
    expect_all({
        {"\uFEFF\r\n {\"status\":\"ack\"}\n\uFEFF", "ACK"},
        {R"({"Status":"Nak"})", "NAK"},
        {R"({"STATUS":"ACK","Destination":"101","CallerName":"Jan","Variables":{"X":"y"}})", "ACK to=101 name=Jan X=y"},
        {R"({"callername":"Jan","destination":"101","status":" ACK\n"})", "ACK to=101 name=Jan"},
        {R"({"status":"ACK","destination":" +31 (0)50 210-25.44 "})", "ACK to=+31502102544"},
        {R"({"status":"ACK","destination":"\u202a+31\u00a050\u2013210\u202c"})", "ACK to=+3150210"},
        {R"({"status":"ACK","destination":" sip:jan@a.nl "})", "ACK to=sip:jan@a.nl"},
        {R"({"status":"ACK","destination":"sip:+31@a.nl"})", "ACK to=sip:+31@a.nl"},
        {R"({"status":"ACK","destination":31502102544})", "ACK to=31502102544"},
        {R"({"status":"ACK","destination":99999999999999999999999999999999})",
         "ACK to=99999999999999999999999999999999"},
        {R"({"status":"ACK","callername":"Jan+de Vries 100%20"})", "ACK name=Jan+de Vries 100%20"},
        {R"({"status":"ACK","callername":4711})", "ACK name=4711"},
        {R"({"status":"ACK","callername":"O&#039;Brien &amp;amp; Co","note":"a &amp; b"})",
         "ACK name=O'Brien &amp; Co note=a &amp; b"},
        {R"({"status":"ACK","callername":"M\u00fcller \ud83d\udcde"})", "ACK name=Müller 📞"},
        {"{\"status\":\"ACK\",\"callername\":\"M\xFCller\",\"city\":\"K\xC3\xB6ln\"}", "ACK name=Müller city=Köln"},
        {"{\"status\":\"ACK\",\"callername\":\"B\xC3\xA4"
         "ckerei M\xC3\"}",
         "ACK name=Bäckerei M"},
        {"{\"status\":\"ACK\",\"callername\":\"\xC0\x80\"}", "ACK name=À€"},
        {"{\"status\":\"ACK\",\"destination\":\"+31\xA0"
         "50\"}",
         "ACK to=+3150"},
        {R"({"status":"ACK","callername":true,"destination":false})", "ACK"},
        {R"({"status":"ACK","callername":{"first":"Jan"}})", "ACK"},
        {R"({"status":"ACK","destination":null,"callername":null})", "ACK"},
        {R"({"status":"ACK","destination":[],"callername":""})", "ACK"},
        {R"({"status":"ACK","destination":{}})", "ACK"},
        {R"({"status":"ACK","destination":" \u00a0"})", "ACK"},
        {R"({"status":"ACK","destination":["","101","102"]})", "ACK to=101"},
        {R"({"status":"ACK","destination":[null,102]})", "ACK to=102"},
    });
}

/// `value` as a JSON string. Bytes that are no UTF-8 stay as they are, as sloppy programs send them.
std::string json_string(std::string_view value)
{
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text = "\"";
    for (const char byte : value) {
        const auto code = static_cast<unsigned char>(byte);
        if (code < 0x20)
            text.append("\\u00").append(1, digits[code / 16]).append(1, digits[code % 16]);
        else if (byte == '"' || byte == '\\')
            text.append(1, '\\').append(1, byte);
        else
            text += byte;
    }
    return text += '"';
}

/// What a reply says, without the place in a fault, which forms do not have.
std::string read_alike(std::string_view body, ReplyFormat format)
{
    constexpr auto no_status_at_all = "the body has no status"sv;
    const std::string text = shown(body, of_format(format));
    return text.starts_with(no_status_at_all) ? std::string(no_status_at_all) : text.substr(0, text.find(" (at /"));
}

/// Whatever a value is, a JSON string and an encoded form make the same of it: cleaning and limits are one.
TEST(JsonReply, SaysWhatAFormSays)
{
    constexpr std::string_view pieces[] = {
        "+",      "31",     "0",     "(0)", " ",    "\u00A0", "-",     ".",     "(",          ")",
        "sip:",   "jan",    "@a.nl", "*",   "#",    "&",      "&amp;", "&#39;", "&#10;",      "=",
        "%2B",    "\n",     "\r\n",  "\t",  "\0"sv, "\x7F",   "\xFC",  "\xC3",  "\uFEFF",     "\u202A",
        "\u2013", "\u0663", "\"",    "\\",  "<b>",  "ACK",    "nak",   "é",     "\U0001F4DE", "12345678901234567"};
    std::mt19937 random(3);
    for (int round = 0; round < 4000; ++round) {
        std::string value;
        for (auto count = random() % 6; count > 0; --count)
            value += pieces[random() % std::size(pieces)];
        for (const std::string_view key : {"destination", "callername", "note", "status"}) {
            const bool is_status = key == "status";
            if (is_status && !text::is_utf8(value)) // a form's is compared as it came
                continue;
            std::string form = is_status ? "status=" : "status=ACK&" + std::string(key) + "=";
            percent::append_encoded(form, value);
            const std::string json = (is_status ? R"({"status":)" : R"({"status":"ACK",")" + std::string(key) + "\":") +
                                     json_string(value) + "}";
            EXPECT_EQ(read_alike(json, ReplyFormat::json), read_alike(form, ReplyFormat::form)) << json;
        }
    }
}

TEST(JsonReply, OfANameThatComesTwiceTheFirstThatIsNotEmptyCounts)
{
    expect_all({
        {R"({"status":null,"status":"","status":"ACK","status":"NAK"})", "ACK"},
        {R"({"status":"ACK","destination":"","Destination":[],"destination":"101","destination":"102"})", "ACK to=101"},
        {R"({"status":"ACK","destination":null,"destination":{},"destination":101})", "ACK to=101"},
        {R"({"status":"ACK","callername":"\u0000 ","callername":"Jan","callername":"Piet"})", "ACK name=Jan"},
        {R"({"status":"ACK","x":"","x":"1","x":"2","variables":{"x":"3"}})", "ACK x=1"},
        {R"({"status":"FOO","status":"ACK"})", unknown_status},
    });
}

/// A name that was cut in the middle of an emoji is no reason to lose a call.
TEST(JsonReply, LoneSurrogatesAreDroppedFromNamesAndRefusedInDestinations)
{
    expect_all({
        {R"({"status":"ACK","callername":"Jan \ud83d","note":"\udc00x\ud800\ud800y"})", "ACK name=Jan  note=xy"},
        {R"({"status":"ACK","callername":"\ud83d","destination":"101"})", "ACK to=101"},
        {R"({"status":"ACK","destination":"101\ud83d"})", holds("U+FFFD")},
    });
}

TEST(JsonReply, IsRefusedWhenItIsNone)
{
    expect_all({
        {"", "the body is empty"},
        {" \r\n", "the body is empty"},
        {"<html>{\"status\":\"ACK\"}</html>", "the body is an HTML page"},
        {"{}", no_status},
        {R"({"status":null})", no_status},
        {R"({"status":""})", no_status},
        {R"({"result":{"status":"ACK"}})", no_status},
        {R"({"status":"OK"})", unknown_status},
        {R"({"status":1})", unknown_status},
        {R"({"status":200})", unknown_status},
        {R"({"status":["ACK"]})", unknown_status},
        {R"({"status":{"code":"ACK"}})", unknown_status},
        {R"({"status":"true"})", unknown_status},
        {"[]", "the body is JSON, but not an object"},
        {R"([{"status":"ACK"}])", "the body is JSON, but not an object"},
        {"\"status=ACK\"", "the body is JSON, but not an object"},
        {"null", "the body is JSON, but not an object"},
        {"12.5", "the body is JSON, but not an object"},
    });
    EXPECT_EQ(shown("{\"status\":\"ACK\",\"x\":\"" + std::string(Reply::max_body, 'a') + "\"}"),
              "the body is longer than 64 KiB");
}

TEST(JsonReply, WhatIsBrokenIsToldWithItsPlace)
{
    expect_all({
        {"status=ACK", "the body is broken JSON at line 1, column 1: found U+0073"},
        {R"({"status":"ACK",})", "the body is broken JSON at line 1, column 17: found U+007D"},
        {"{'status':'ACK'}", "the body is broken JSON at line 1, column 2: found U+0027"},
        {R"({"status":"ACK")", "the body is broken JSON: it ends at line 1, column 16"},
        {R"({"status":"ACK)", "the body is broken JSON: it ends at line 1, column 15"},
        {"{\n  \"status\": \"ACK\",\n  \"x\": nope\n}", "the body is broken JSON at line 3, column 8: found U+006E"},
        {"{\"callername\":\"Zoë\" \"status\":\"ACK\"}", "the body is broken JSON at line 1, column 21: found U+0022"},
        {"{\"callername\":\"Zo\xEB\" \"status\":\"ACK\"}",
         "the body is broken JSON at line 1, column 21: found U+0022"},
        {"\uFEFF\n\n \uFEFF {x", "the body is broken JSON at line 3, column 4: found U+0078"},
        {R"({"status":"ACK"} trailing)", "the body is broken JSON at line 1, column 18: found U+0074"},
        {R"({"status":"ACK"}{"status":"ACK"})", "the body is broken JSON at line 1, column 17: found U+007B"},
        {"{\"status\":\"ACK\",\"n\":\"a\nb\"}", "the body is broken JSON at line 1, column 23: found U+000A"},
        {"{\"status\":\"ACK\",\"n\":\"a\0b\"}"sv, "the body is broken JSON at line 1, column 23: found U+0000"},
        {R"({"status":"ACK","n":0101})", "the body is broken JSON at line 1, column 22: found U+0031"},
        {R"({"status":"ACK","n":"\q"})", "the body is broken JSON at line 1, column 23: found U+0071"},
        {"{\"status\":\"ACK\", \xFF}", "the body is broken JSON at line 1, column 18: found U+00FF"},
    });
}

TEST(JsonReply, ItsDepthIsBounded)
{
    const auto nested = [](std::size_t levels) {
        return R"({"status":"ACK","x":)" + std::string(levels - 1, '[') + std::string(levels - 1, ']') + "}";
    };
    EXPECT_EQ(shown(nested(32)), "ACK");
    EXPECT_EQ(shown(nested(33)), "the body is JSON deeper than 32 levels at line 1, column 52");
    EXPECT_EQ(shown(std::string(60'000, '[')), "the body is JSON deeper than 32 levels at line 1, column 33");
    std::string objects;
    for (int level = 0; level < 9000; ++level)
        objects += R"({"a":)";
    EXPECT_EQ(shown(objects), "the body is JSON deeper than 32 levels at line 1, column 161");
}

TEST(JsonReply, DestinationIsJudgedWithAckAlone)
{
    expect_all({
        {R"({"status":"ACK","destination":"nonsense"})", holds("U+006E")},
        {R"({"status":"ACK","destination":"101\u0000"})", holds("U+0000")},
        {R"({"status":"ACK","destination":"101\r\n"})", holds("U+000D")},
        {R"({"status":"ACK","destination":"101&SIP/evil"})", holds("U+0026")},
        {R"({"status":"ACK","destination":"sip:1@a;x=y"})", holds("U+003B")},
        {R"({"status":"ACK","destination":["",null,"x1"]})", holds("U+0078", "/destination/2")},
        {R"({"status":"ACK","destination":1.5e3})", holds("U+0065")},
        {R"({"status":"ACK","destination":-1})", holds("U+002D")},
        {R"({"status":"ACK","destination":1.5})",
         "the destination ends in a decimal fraction, as a spreadsheet writes numbers; send the number as text "
         "(at /destination)"},
        {R"({"status":"ACK","destination":["1.5",102]})", "ACK to=15"},
        {R"({"status":"ACK","destination":101.0})",
         "the destination ends in a decimal fraction, as a spreadsheet writes numbers; send the number as text "
         "(at /destination)"},
        {R"({"status":"ACK","destination":"192.168.1.20"})",
         "the destination is an IPv4 address; send a number, or sip:USER@ADDRESS (at /destination)"},
        {R"({"status":"ACK","destination":true})", no_text},
        {R"({"status":"ACK","destination":{"number":"101"}})", no_text},
        {R"({"status":"ACK","destination":{"number":"101"},"destination":"102"})", no_text},
        {R"({"status":"ACK","destination":[["101"]]})",
         "the destination is neither text nor a number (at /destination/0)"},
        {R"({"status":"ACK","destination":["101",["102"]]})", "ACK to=101"},
        {R"({"status":"NAK","destination":{"number":"101"}})", "NAK"},
        {R"({"status":"NAK","destination":"nonsense"})", "NAK"},
    });
}

TEST(JsonReply, NothingInItCanInject)
{
    expect_all({
        {R"({"status":"ACK","callername":"a\r\nX-Header: b\u0000\u0085"})", "ACK name=aX-Header: b"},
        {R"({"status":"ACK","k":"\u001b[31mred","bad key":1,"b\u00e9":2,"":3,"${X}":4,"a\u0000":5})", "ACK k=[31mred"},
        {R"({"status":"ACK","variables":{"bad key":1,"ok":"a\nb"}})", "ACK ok=ab"},
    });
}

TEST(JsonReply, ValuesAreCutAtCodePoints)
{
    std::string body = R"({"status":"ACK","callername":")";
    for (int i = 0; i < 100; ++i)
        body += "€";
    const auto named = Reply::read(body + "\"}");
    EXPECT_EQ(named->callername.size(), 80U * 3U);

    body = R"({"status":"ACK")";
    for (int i = 0; i < 100; ++i)
        body += ",\"k" + std::to_string(i) + "\":\"" + std::string(2000, 'v') + "\"";
    body.resize(60'000);
    body = body.substr(0, body.rfind(',')) + "}";
    const auto long_ones = Reply::read(body);
    EXPECT_EQ(long_ones->variables.front().second.size(), Reply::max_variable_value);

    body = R"({"status":"ACK","variables":{)";
    for (int i = 0; i < 100; ++i)
        body += (i == 0 ? "\"k" : ",\"k") + std::to_string(i) + "\":1";
    const auto reply = Reply::read(body + "},\"" + std::string(64, 'k') + "\":1}");
    EXPECT_EQ(reply->variables.size(), Reply::max_variables);
    EXPECT_EQ(reply->variables.back().first, "k63");
    EXPECT_EQ(shown(R"({"status":"ACK",")" + std::string(65, 'k') + "\":1}"), "ACK");
    EXPECT_EQ(shown(R"({"status":"ACK",")" + std::string(64, 'k') + "\":1}"), "ACK " + std::string(64, 'k') + "=1");
}

/// A service that knows nothing of calls, with its values where it likes.
TEST(JsonReply, PointersLeadIntoAServiceOfStrangers)
{
    ReplyOptions options{.format = ReplyFormat::json,
                         .is_always_ack = true,
                         .has_own_keys = true,
                         .has_own_variables = true,
                         .targets = {pointer(ReplyField::destination, {"contact", "phones", "0"}),
                                     pointer(ReplyField::callername, {"contact", "a/b~c"}),
                                     pointer(ReplyField::variable, {"account", "tier"}, "tier"),
                                     pointer(ReplyField::variable, {"contact", "phones", "1"}, "other")}};
    expect_all(
        {
            {R"({"contact":{"a/b~c":"Jan","phones":["+31 50 210","102"]},"account":{"tier":1.50},"x":"y"})",
             "ACK to=+3150210 name=Jan other=102 tier=1.50"},
            {R"({"status":"active"})", "ACK"},
            {"{}", "ACK"},
            {R"({"contact":null,"account":{"tier":null}})", "ACK"},
            {R"({"contact":{"phones":{"0":"101"}}})", "ACK to=101"},
            {R"({"Contact":{"phones":["101"]}})", "ACK"},
            {R"({"contact":{"phones":[]},"contact":{"phones":["101"]}})", "ACK to=101"},
            {R"({"contact":"none","account":[]})", "ACK"},
            {R"({"contact":{"phones":["x"]}})", holds("U+0078", "/contact/phones/0")},
            {R"({"contact":{"phones":[{"number":"101"}]}})",
             "the destination is neither text nor a number (at /contact/phones/0)"},
            {R"([{"contact":1}])", "the body is JSON, but not an object"},
            {"no such contact", "the body is broken JSON at line 1, column 1: found U+006E"},
        },
        options);

    options.is_always_ack = false;
    options.targets = {pointer(ReplyField::status, {"found"}), pointer(ReplyField::destination, {"phones"}),
                       pointer(ReplyField::variable, {"phones", "1"}, "second")};
    options.has_own_variables = false;
    expect_all(
        {
            {R"({"found":true,"phones":["101","102"],"tier":"gold"})", "ACK to=101 second=102 tier=gold"},
            {R"({"found":false,"tier":"gold"})", "NAK tier=gold"},
            {R"({"phones":["101"]})", "the body has no status at /found"},
            {R"({"found":"yes"})", "the status is not ACK, NAK or ERR (at /found)"},
            {R"({"found":true,"phones":["",{"x":1}]})", "the destination is neither text nor a number (at /phones/1)"},
        },
        options);

    options.points_into_a_list = true;
    options.targets = {pointer(ReplyField::status, {"0", "found"}), pointer(ReplyField::destination, {"0", "phone"})};
    expect_all(
        {
            {R"([{"found":true,"phone":101},{"found":false}])", "ACK to=101"},
            {"[]", "the body has no status at /0/found"},
        },
        options);
}

TEST(FormReply, OtherKeysCanBeNamed)
{
    ReplyOptions options = of_format(ReplyFormat::form);
    options.has_own_keys = true;
    options.targets[1] = reply_key(ReplyField::destination, "value");
    expect_all(
        {
            {"status=ACK&value=%2B31502102544&callername=Jan", "ACK to=+31502102544 name=Jan"},
            {"status=ACK&Value=+31 50&destination=101", "ACK to=+3150 destination=101"},
            {"status=ACK&value=x", std::string(bad_destination) + ": it holds U+0078"},
            {R"({"status":"ACK"})",
             "the body has no status=; it begins as JSON does, which `reply` of this webhook does not read"},
            {"\"status=ACK\"", "the body is in quotes; send its text without them"},
        },
        options);
    options.format = ReplyFormat::automatic;
    expect_all({{R"({"status":"ACK","VALUE":"101","destination":"102"})", "ACK to=101 destination=102"}}, options);

    options.targets.erase(options.targets.begin());
    options.is_always_ack = true;
    expect_all({{"value=101&status=busy", "ACK to=101 status=busy"}, {"value=101", "ACK to=101"}}, options);
}

/// PHP's http_build_query writes `contact%5Bphone%5D`.
TEST(FormReply, AKeyOfOnesOwnIsFoundEncodedAndAsItIs)
{
    ReplyOptions options = of_format(ReplyFormat::form);
    options.has_own_keys = true;
    options.targets[1] = reply_key(ReplyField::destination, "contact[phone]");
    options.targets[2] = reply_key(ReplyField::callername, "full name");
    expect_all(
        {
            {"status=ACK&contact[phone]=101&full name=Jan", "ACK to=101 name=Jan"},
            {"status=ACK&contact%5Bphone%5D=101&full+name=Jan", "ACK to=101 name=Jan"},
            {"status=ACK&Contact%5bPhone%5d=101&full%20name=Jan", "ACK to=101 name=Jan"},
            {"status=ACK&contact%5Bphone%5D=&contact[phone]=102", "ACK to=102"},
            // Once, and variables not at all.
            {"status=ACK&contact%255Bphone%255D=101&contact%5Bphone=101&tie%72=gold", "ACK"},
        },
        options);
    options.targets[1] = reply_key(ReplyField::destination, "a+b");
    options.targets[2] = reply_key(ReplyField::callername, "x%20y");
    expect_all({{"status=ACK&a+b=101&x%20y=Jan", "ACK to=101 name=Jan"}, {"status=ACK&a%2Bb=101", "ACK to=101"}},
               options);
}

TEST(FormReply, APointerIsNoKeyOfIt)
{
    ReplyOptions options = ReplyOptions::standard();
    options.has_own_keys = true;
    options.targets[1] = pointer(ReplyField::destination, {"to"});
    expect_all({{"status=ACK&to=1&destination=101", "ACK to=101 to=1"}, {R"({"status":"ACK","to":1})", "ACK to=1"}},
               options);
}

TEST(TextReply, TheFirstLineIsTheName)
{
    expect_all(
        {
            {"Jan de Vries", "ACK name=Jan de Vries"},
            {"\uFEFF\r\n\t\r\n  Jan+de Vries %20  \r\nsecond line", "ACK name=Jan+de Vries %20"},
            {"\x01\nJan", "ACK name=Jan"},
            {"Jan\rPiet", "ACK name=Jan"},
            {"M\xFCller &amp; Sons", "ACK name=Müller & Sons"},
            {R"({"status":"NAK"})", R"(ACK name={"status":"NAK"})"},
            {"status=NAK", "ACK name=status=NAK"},
            {"", "NAK"},
            {" \r\n\uFEFF\n", "NAK"},
            {"<html>not found</html>", "the body is an HTML page"},
        },
        of_format(ReplyFormat::text));
    EXPECT_EQ(shown(std::string(100, 'x') + "\ny", of_format(ReplyFormat::text)), "ACK name=" + std::string(80, 'x'));
}

/// `ACK to=101+102 sequential 20s`: how it rings, if it says so.
std::string rung(std::string_view body, std::uint8_t most)
{
    const auto reply = Reply::read(body, {}, ReplyOptions::standard().with_destinations(most));
    if (!reply)
        return to_string(reply.error());
    std::string text(to_string(reply->status));
    if (reply->destination)
        text += " to=" + reply->destination->str();
    if (reply->ringing) {
        for (const Destination& destination : reply->ringing->destinations)
            text += "+" + destination.str();
        text += " " + std::string(to_string(reply->ringing->strategy));
        if (reply->ringing->ring)
            text += " " + std::to_string(reply->ringing->ring->count()) + "s";
    }
    for (const auto& [name, value] : reply->variables)
        text += " " + name + "=" + value;
    return text;
}

TEST(SeveralDestinations, AreNamedByAFormAndByJson)
{
    const struct
    {
        const char* form;
        const char* json;
        std::uint8_t most;
        std::string read;
    } cases[] = {
        {"status=ACK&destination=101&destination=+31 50", R"({"status":"ACK","destination":["101","+31 50"]})", 3,
         "ACK to=101+101++3150 parallel"},
        {"status=ACK&destination=101&destination=&destination=102&strategy=Sequential&ring=20",
         R"({"status":"ACK","destination":["101",null,"","102"],"strategy":"Sequential","ring":20})", 3,
         "ACK to=101+101+102 sequential 20s"},
        {"status=ACK&destination=1&destination=2&destination=3&destination=x",
         R"({"status":"ACK","destination":[1,2,3,"x"]})", 3, "ACK to=1+1+2+3 parallel"},
        {"status=ACK&destination=101&destination=102", R"({"status":"ACK","destination":["101","102"]})", 1,
         "ACK to=101"},
        {"status=ACK&destination=101&ring=300", R"({"status":"ACK","destination":"101","ring":"300"})", 1,
         "ACK to=101+101 parallel 300s"},
        {"status=ACK&destination=101&strategy=x", R"({"status":"ACK","destination":"101","strategy":"x"})", 1,
         "ACK to=101 strategy=x"},
        {"status=ACK&destination=101", R"({"status":"ACK","destination":["101"],"strategy":"sequential"})", 3,
         "ACK to=101"},
        {"status=ACK&ring=20", R"({"status":"ACK","ring":20})", 3, "ACK"},
        {"status=NAK&destination=101&destination=102&ring=x",
         R"({"status":"NAK","destination":["101","102"],"ring":"x"})", 3, "NAK"},
        {"status=ACK&destination=101&destination=102&strategy=random",
         R"({"status":"ACK","destination":["101","102"],"strategy":"random"})", 3,
         "strategy is neither parallel nor sequential"},
    };
    for (const auto& [form, json, most, read] : cases) {
        EXPECT_EQ(rung(form, most), read) << form;
        EXPECT_EQ(rung(json, most), read) << json;
    }
    for (const char* const ring : {"0", "301", "-1", "20s", "1.5", "x", "99999999999"}) {
        EXPECT_EQ(rung("status=ACK&destination=101&ring=" + std::string(ring), 1),
                  "ring is not a number of seconds from 1 to 300");
        EXPECT_EQ(rung(R"({"status":"ACK","destination":"101","ring":")" + std::string(ring) + "\"}", 3),
                  "ring is not a number of seconds from 1 to 300");
    }
}

TEST(SeveralDestinations, AllMustBeDestinations)
{
    EXPECT_EQ(rung("status=ACK&destination=101&destination=x", 3), std::string(bad_destination) + ": it holds U+0078");
    EXPECT_EQ(rung(R"({"status":"ACK","destination":["101","x"]})", 3), holds("U+0078", "/destination/1"));
    EXPECT_EQ(rung(R"({"status":"ACK","destination":["101",{"n":1}]})", 3),
              "the destination is neither text nor a number (at /destination/1)");
    EXPECT_EQ(rung(R"({"status":"ACK","destination":"101","destination":"102"})", 3), "ACK to=101+101+102 parallel");
}

std::string told(std::string_view body, const ReplyOptions& options = ReplyOptions::standard())
{
    ReplyReading reading;
    (void)Reply::read(body, {}, options, &reading);
    std::string text(to_string(reading.format));
    if (reading.was_in_quotes)
        text += " in quotes";
    for (const auto& [field, variable, place] : reading.values) {
        text += " " + std::string(to_string(field)) + variable + "<" + place;
    }
    return text;
}

TEST(ReplyReading, SaysWhatGaveWhat)
{
    EXPECT_EQ(told("status=ACK&Destination=101&k=v"), "form status<status destination<Destination k<k");
    EXPECT_EQ(told(R"("status=ACK")"), "form in quotes status<status");
    EXPECT_EQ(told(R"({"Status":"ACK","destination":["","101"],"callername":"J","k":1,"variables":{"v":2}})"),
              "json status</status destination</destination/1 callername</callername k</k v</variables/v");
    ReplyOptions options = ReplyOptions::standard();
    options.targets[1] = pointer(ReplyField::destination, {"a/b", "0"});
    EXPECT_EQ(told(R"({"status":"ACK","a/b":[101]})", options), "json status</status destination</a~1b/0");
    EXPECT_EQ(told("Jan", of_format(ReplyFormat::text)), "text");
}

} // namespace
} // namespace dialhook
