#include "unit/config/loading.hpp"

#include <string>
#include <vector>

namespace dialhook::config::test {
namespace {

TlsOptions options_of(std::string_view tls)
{
    const auto webhook = load_well(with_webhook("tls: " + std::string(tls))).webhooks.at(0);
    return webhook.tls == nullptr ? TlsOptions{} : *webhook.tls;
}

TEST(TlsSection, VersionsWithAndWithoutQuotes)
{
    EXPECT_EQ(options_of("{min_version: 1.2}").min_version, TlsVersion::tls_1_2);
    EXPECT_EQ(options_of("{min_version: \"1.2\"}").min_version, TlsVersion::tls_1_2);
    EXPECT_EQ(options_of("{min_version: 1.3}").min_version, TlsVersion::tls_1_3);
    EXPECT_EQ(options_of("{min_version: '1.3'}").min_version, TlsVersion::tls_1_3);
}

TEST(TlsSection, TheDefaultsAreNoOptions)
{
    EXPECT_EQ(load_well(with_webhook("tls: {}")).webhooks.at(0).tls, nullptr);
    EXPECT_EQ(load_well(with_webhook("tls: {min_version: 1.2}")).webhooks.at(0).tls, nullptr);
}

TEST(TlsSection, EachSetIsCheckedOnceAndItsFaultNamedWhereItStands)
{
    std::vector<std::string> checked;
    Environment environment;
    environment.check_tls = [&](const TlsOptions& options) -> std::optional<std::string> {
        checked.push_back(options.ca_file);
        if (options.ca_file == "/bad.pem")
            return "/bad.pem holds no certificate";
        return std::nullopt;
    };
    EXPECT_EQ(faults_of(R"(webhooks:
  a: {url: "http://x/", tls: {ca_file: /bad.pem}}
  b: {url: "http://x/", tls: {ca_file: /good.pem}}
  c:
    url: http://x/
    tls:
      ca_file: /bad.pem
  d: {url: "http://x/", tls: {ca_file: /good.pem}}
  e: {url: "http://x/", tls: {}}
)",
                        environment),
              "2:40: webhooks.a.tls.ca_file: /bad.pem holds no certificate\n"
              "7:16: webhooks.c.tls.ca_file: /bad.pem holds no certificate");
    EXPECT_EQ(checked, (std::vector<std::string>{"/bad.pem", "/good.pem"}));
}

class TlsFaults : public testing::TestWithParam<FaultCase>
{
};

TEST_P(TlsFaults, AreNamed)
{
    EXPECT_EQ(faults_of(with_webhook(GetParam().yaml)), GetParam().faults);
}

constexpr FaultCase faults[] = {
    {"OldVersion", "tls: {min_version: 1.1}", "4:24: webhooks.crm.tls.min_version: found 1.1, expected 1.2 or 1.3"},
    {"VersionInWords", "tls: {min_version: TLSv1.3}",
     "4:24: webhooks.crm.tls.min_version: found \"TLSv1.3\", expected 1.2 or 1.3"},
    {"CertificateAlone", "tls: {client_cert: /a}",
     "4:11: webhooks.crm.tls.client_cert: found no `client_key` beside it; a client certificate needs both"},
    {"KeyAlone", "tls: {client_key: /a}",
     "4:11: webhooks.crm.tls.client_key: found no `client_cert` beside it; a client certificate needs both"},
    {"RelativePath", "tls: {ca_file: ca.pem}",
     "4:20: webhooks.crm.tls.ca_file: found \"ca.pem\", expected the absolute path of a file, such as "
     "/etc/dialhook/file"},
    {"UnknownKey", "tls: {verify: false}",
     "4:11: webhooks.crm.tls: unknown key \"verify\"; the keys here are ca_file, client_cert, client_key and "
     "min_version"},
    {"NearKey", "tls: {cafile: /a}", "4:11: webhooks.crm.tls: unknown key \"cafile\"; did you mean \"ca_file\"?"},
    {"False", "tls: false", "4:10: webhooks.crm.tls: found false, expected a mapping (`key: value`)"},
};
INSTANTIATE_TEST_SUITE_P(All, TlsFaults, testing::ValuesIn(faults), case_name);

} // namespace
} // namespace dialhook::config::test
