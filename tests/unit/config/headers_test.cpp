#include "unit/config/loading.hpp"

#include <string>
#include <string_view>

namespace dialhook::config::test {
namespace {

/// A folder with credentials, and `headers` loaded with them.
class HeaderSecrets : public testing::Test
{
protected:
    Environment environment() const { return {folder_.path() / "credentials", false, {}}; }

    std::string value_of(std::string_view written) const
    {
        folder_.write("main.yaml", with_webhook("headers: {X-A: " + std::string(written) + "}"));
        const auto configuration = folder_.load_well("main.yaml", environment());
        return configuration.webhooks.empty() ? "" : configuration.webhooks.front().headers->front().value();
    }

    std::string faults_of(std::string_view written) const
    {
        folder_.write("main.yaml", with_webhook("headers: {X-A: " + std::string(written) + "}"));
        return folder_.faults_of("main.yaml", environment());
    }

    Folder folder_;
};

TEST_F(HeaderSecrets, ArePutIn)
{
    folder_.write("credentials/crm-token", "s3cret\n");
    folder_.write("credentials/windows", "s3cret\r\n");
    folder_.write("credentials/bare", "s3cret");
    folder_.write("credentials/template@1", "t");
    const auto file = folder_.write("elsewhere/token", "a b\n").string();
    EXPECT_EQ(value_of("plain"), "plain");
    EXPECT_EQ(value_of("\"Bearer ${credential:crm-token}\""), "Bearer s3cret");
    EXPECT_EQ(value_of("\"${credential:windows};${credential:bare}\""), "s3cret;s3cret");
    EXPECT_EQ(value_of("\"${credential:template@1}\""), "t");
    EXPECT_EQ(value_of("\"<${file:" + file + "}>\""), "<a b>");
}

TEST_F(HeaderSecrets, DollarsStandForThemselves)
{
    EXPECT_EQ(value_of("\"$\""), "$");
    EXPECT_EQ(value_of("\"a$b}$$c\""), "a$b}$$c");
    EXPECT_EQ(value_of("\"$${credential:x}\""), "${credential:x}");
    EXPECT_EQ(value_of("\"$$${file:x}\""), "$${file:x}");
}

TEST_F(HeaderSecrets, FaultsNameTheFileButNeverTheValue)
{
    folder_.write("credentials/two-lines", "s3cret\ns3cret\n");
    folder_.write("credentials/two-ends", "s3cret\n\n");
    folder_.write("credentials/nul", std::string("s3\0cret", 7));
    folder_.write("credentials/large", std::string(64 * 1024 + 1, 's'));
    const auto control =
        "main.yaml:4:20: webhooks.crm.headers.X-A: the value holds a control character, such as a line end, which "
        "would break the request; one line end at the end of a credential or a file is dropped, others are not";
    EXPECT_EQ(faults_of("\"${credential:two-lines}\""), control);
    EXPECT_EQ(faults_of("\"${credential:two-ends}\""), control);
    EXPECT_EQ(faults_of("\"${credential:nul}\""), control);
    EXPECT_EQ(faults_of("\"s3cret\\r\\nX: y\""), control);
    EXPECT_EQ(faults_of("\"s3cret ${credential:none}\""),
              "main.yaml:4:28: webhooks.crm.headers.X-A: credentials/none cannot be read: No such file or directory");
    EXPECT_EQ(faults_of("\"${credential:large}\""),
              "main.yaml:4:21: webhooks.crm.headers.X-A: credentials/large cannot be read: it is larger than 64 KiB");
    EXPECT_EQ(faults_of("\"${file:/}\""), "main.yaml:4:21: webhooks.crm.headers.X-A: / cannot be read: Is a directory");
    EXPECT_EQ(
        faults_of("\"${file:token}\""),
        "main.yaml:4:21: webhooks.crm.headers.X-A: found ${file:…} without an absolute path, expected one such as "
        "${file:/etc/dialhook/token}");
    EXPECT_EQ(faults_of("\"s3cret ${env:HOME}\""),
              "main.yaml:4:28: webhooks.crm.headers.X-A: found a ${…} of another kind, expected ${credential:NAME} or "
              "${file:/path}; write $${ for the characters themselves");
    EXPECT_EQ(
        faults_of("\"s3cret ${credential:x\""),
        "main.yaml:4:28: webhooks.crm.headers.X-A: a `${` is not closed; write } at its end, or $${ for the characters "
        "themselves");
}

TEST_F(HeaderSecrets, NamesOfCredentialsArePlainFileNames)
{
    folder_.write("token", "s3cret");
    for (const std::string name : {"", ".", "..", "../token", "a/b", "/etc/passwd"})
        EXPECT_EQ(faults_of("\"${credential:" + name + "}\""),
                  "main.yaml:4:21: webhooks.crm.headers.X-A: found \"" + name +
                      "\" as the name of a credential, expected a plain file name");
}

TEST(Headers, CredentialsMustHaveBeenHandedOver)
{
    EXPECT_EQ(faults_of(with_webhook("headers:\n  X-A: ${credential:crm}")),
              "5:12: webhooks.crm.headers.X-A: the credential \"crm\" cannot be read, because $CREDENTIALS_DIRECTORY "
              "is not set; "
              "hand it over with LoadCredential= in the systemd unit, or use ${file:/path}");
}

TEST(Headers, TheirOrderAndSpellingStay)
{
    const auto headers =
        load_well(with_webhook("headers: {x-b: 1, X-a: true, Accept: \"*/*\"}")).webhooks.front().headers;
    ASSERT_NE(headers, nullptr);
    EXPECT_EQ(*headers, (std::vector{*RequestHeader::from("x-b", "1"), *RequestHeader::from("X-a", "true"),
                                     *RequestHeader::from("Accept", "*/*")}));
}

class HeaderFaults : public testing::TestWithParam<FaultCase>
{
};

TEST_P(HeaderFaults, AreNamed)
{
    EXPECT_EQ(faults_of(with_webhook(GetParam().yaml)), GetParam().faults);
}

constexpr FaultCase faults[] = {
    {"Text", "headers: \"Authorization: Bearer s3cret\"",
     "4:14: webhooks.crm.headers: found a text, expected a mapping (`key: value`)"},
    {"Number", "headers: 12345", "4:14: webhooks.crm.headers: found a number, expected a mapping (`key: value`)"},
    {"List", "headers: [\"Authorization: Bearer s3cret\"]",
     "4:14: webhooks.crm.headers: found a list, expected a mapping (`key: value`)"},
    {"SetByTheDaemon", "headers: {Host: a, content-length: 1, Transfer-Encoding: chunked, CONNECTION: close}",
     "4:15: webhooks.crm.headers.Host: the daemon sets this header itself; remove it\n"
     "4:24: webhooks.crm.headers.content-length: the daemon sets this header itself; remove it\n"
     "4:43: webhooks.crm.headers.Transfer-Encoding: the daemon sets this header itself; remove it\n"
     "4:71: webhooks.crm.headers.CONNECTION: the daemon sets this header itself; remove it"},
    {"NoName", "headers: {\"X A\": b, \"\": c, \"X:\": d}",
     "4:15: webhooks.crm.headers.\"X A\": this is not a header name; it may hold letters, digits and !#$%&'*+-.^_`|~\n"
     "4:25: webhooks.crm.headers.\"\": this is not a header name; it may hold letters, digits and !#$%&'*+-.^_`|~\n"
     "4:32: webhooks.crm.headers.\"X:\": this is not a header name; it may hold letters, digits and !#$%&'*+-.^_`|~"},
    {"TwiceInAnotherCase", "headers: {X-A: b, x-a: c}",
     "4:23: webhooks.crm.headers.x-a: this header appears twice; case does not count in header names"},
    {"ValueIsAList", "headers: {X-A: [s3cret]}",
     "4:20: webhooks.crm.headers.X-A: found a list, expected a text; write \"\" for an empty one"},
    {"ValueIsNothing", "headers: {X-A: ~}",
     "4:20: webhooks.crm.headers.X-A: found nothing, expected a text; write \"\" for an empty one"},
};
INSTANTIATE_TEST_SUITE_P(All, HeaderFaults, testing::ValuesIn(faults), case_name);

} // namespace
} // namespace dialhook::config::test
