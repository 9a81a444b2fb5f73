#include "api/fastagi/reply.hpp"

#include <gtest/gtest.h>

namespace dialhook::fastagi {
namespace {

using Step = AgiReplyReader::Step;

/// `code result|detail` of one line, or what it is instead.
std::string read(std::string_view line)
{
    AgiReplyReader reader;
    const Step step = reader.take(line);
    if (step != Step::whole)
        return step == Step::more ? "more" : "nonsense";
    const AgiReply reply = reader.reply();
    return std::to_string(reply.code) + " " + reply.result + "|" + reply.detail;
}

TEST(AgiReply, IsReadAsAsteriskWritesIt)
{
    struct
    {
        const char* line;
        const char* expected;
    } const cases[] = {
        {"200 result=0", "200 0|"},
        {"200 result=1 (a value (with) brackets)", "200 1|a value (with) brackets"},
        {"200 result=1 ()", "200 1|"},
        {"200 result=55 endpos=800", "200 55|"},
        {"200 result=1234", "200 1234|"},
        {"200 result=12 (timeout)", "200 12|timeout"},
        {"200 result= (timeout)", "200 |timeout"},
        {"200 result=", "200 |"},
        {"200 result=-1", "200 -1|"},
        {"200 result=*#", "200 *#|"},
        {"510 Invalid or unknown command", "510 |"},
        {"511 Command Not Permitted on a dead channel or intercept routine", "511 |"},
        {"520 Invalid command syntax", "520 |"},
        {"", "nonsense"},
        {"200", "nonsense"},
        {"200 ok", "nonsense"},
        {"200-result=1", "nonsense"},
        {"20 result=1", "nonsense"},
        {"2000 result=1", "nonsense"},
        {"404 Not Found", "nonsense"},
        {"HTTP/1.1 200 OK", "nonsense"},
        {" 200 result=1", "nonsense"},
        {"520-Invalid command syntax.  Proper usage follows:", "more"},
    };
    for (const auto& [line, expected] : cases)
        EXPECT_EQ(read(line), expected) << line;
}

TEST(AgiReply, UsageRunsOverSeveralLines)
{
    AgiReplyReader reader;
    EXPECT_EQ(reader.take("520-Invalid command syntax.  Proper usage follows:"), Step::more);
    EXPECT_EQ(reader.take("Usage: SET VARIABLE <variablename> <value>"), Step::more);
    EXPECT_EQ(reader.take(""), Step::more);
    EXPECT_EQ(reader.take("200 result=1"), Step::more) << "inside the usage nothing is a reply";
    EXPECT_EQ(reader.take("520 End of proper usage."), Step::whole);
    EXPECT_EQ(reader.reply().code, 520);
    EXPECT_TRUE(reader.reply().failed());
}

TEST(AgiReply, KnowsWhatFailed)
{
    EXPECT_FALSE((AgiReply{200, "0", ""}.failed()));
    EXPECT_TRUE((AgiReply{200, "-1", ""}.failed()));
    EXPECT_TRUE((AgiReply{511, "", ""}.failed()));
    EXPECT_TRUE(AgiReply().failed());
}

} // namespace
} // namespace dialhook::fastagi
