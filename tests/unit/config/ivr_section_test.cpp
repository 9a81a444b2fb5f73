#include "unit/config/loading.hpp"

#include <string>

namespace dialhook::config::test {
namespace {

using namespace std::chrono_literals;

std::string with_ivr(std::string_view keys)
{
    return with_webhook("ivr: { start_message: a, incorrect_message: b, timeout_message: c, " + std::string(keys) +
                        " }");
}

TEST(IvrSection, DefaultsAreThoseOfTheManual)
{
    const auto loaded = load_well(with_ivr(""));
    const Ivr& ivr = *loaded.webhooks.front().ivr;
    EXPECT_EQ(ivr.timeout, 10s);
    EXPECT_EQ(ivr.max_attempts, 3U);
    EXPECT_EQ(ivr.start_message, "a");
    EXPECT_EQ(ivr.incorrect_message, "b");
    EXPECT_EQ(ivr.timeout_message, "c");
    EXPECT_EQ(ivr.max_digits, 32U);
    EXPECT_EQ(ivr.terminator, '#');
}

TEST(IvrSection, EveryKeyIsRead)
{
    const auto loaded = load_well(with_ivr("timeout: 4s, max_attempts: 5, max_digits: 6, terminator: \"*\""));
    const Ivr& ivr = *loaded.webhooks.front().ivr;
    EXPECT_EQ(ivr.timeout, 4s);
    EXPECT_EQ(ivr.max_attempts, 5U);
    EXPECT_EQ(ivr.max_digits, 6U);
    EXPECT_EQ(ivr.terminator, '*');
}

TEST(IvrSection, GivesTheCodeOfAUrlItsValue)
{
    EXPECT_EQ(faults_of("webhooks: {crm: {url: \"http://x/?c={code}\", ivr: {start_message: a, incorrect_message: b, "
                        "timeout_message: c}}}"),
              "");
}

class IvrFaults : public testing::TestWithParam<FaultCase>
{
};

TEST_P(IvrFaults, AreNamed)
{
    EXPECT_EQ(faults_of(GetParam().yaml), GetParam().faults);
}

const FaultCase ivr_faults[] = {
    {"NoMapping", "webhooks: {crm: {url: \"http://x/{code}\", ivr: yes}}",
     "1:47: webhooks.crm.ivr: found a text, expected a mapping (`key: value`)"},
    {"Empty", "webhooks:\n  crm:\n    url: http://x/{code}\n    ivr:\n",
     "4:5: webhooks.crm.ivr: the key \"start_message\" is missing; it names an audio file of the PBX\n"
     "4:5: webhooks.crm.ivr: the key \"incorrect_message\" is missing; it names an audio file of the PBX\n"
     "4:5: webhooks.crm.ivr: the key \"timeout_message\" is missing; it names an audio file of the PBX"},
    {"InDefaults", "defaults: {ivr: {}}", "1:12: defaults: unknown key \"ivr\"; it belongs under webhooks.NAME"},
    {"TerminatorIsAComment",
     "webhooks:\n  crm:\n    url: http://x/\n    ivr:\n      start_message: a\n      incorrect_message: b\n"
     "      timeout_message: c\n      terminator: #\n",
     "8:18: webhooks.crm.ivr.terminator: found nothing, expected one key of a telephone (0 to 9, *, #, A to D) in "
     "quotes, such as \"#\""},
    {"TerminatorIsTwoKeys",
     "webhooks: {crm: {url: \"http://x/\", ivr: {start_message: a, incorrect_message: b, timeout_message: c, "
     "terminator: "
     "\"##\"}}}",
     "1:114: webhooks.crm.ivr.terminator: found \"##\", expected one key of a telephone (0 to 9, *, #, A to D) in "
     "quotes, such as \"#\""},
    {"NoAttempt",
     "webhooks: {crm: {url: \"http://x/\", ivr: {start_message: a, incorrect_message: b, timeout_message: c, "
     "max_attempts: 0}}}",
     "1:116: webhooks.crm.ivr.max_attempts: found 0, expected a whole number from 1 to 100"},
    {"ControlCharacterInAName",
     "webhooks: {crm: {url: \"http://x/\", ivr: {start_message: \"a\\n\", incorrect_message: b, timeout_message: "
     "\"\"}}}",
     "1:57: webhooks.crm.ivr.start_message: the name holds a control character; remove it\n"
     "1:103: webhooks.crm.ivr.timeout_message: found \"\", expected the name of an audio file, at most 256 bytes, such "
     "as "
     "enter-code"},
};
INSTANTIATE_TEST_SUITE_P(All, IvrFaults, testing::ValuesIn(ivr_faults), case_name);

} // namespace
} // namespace dialhook::config::test
