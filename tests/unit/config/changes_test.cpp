#include "config/changes.hpp"
#include "unit/config/loading.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace dialhook::config::test {
namespace {

std::string listed(const std::vector<std::string>& names)
{
    std::string text;
    for (const std::string& name : names)
        text += (text.empty() ? "" : " ") + name;
    return text;
}

/// `section +added ~changed -removed`, one section a line.
std::string between(std::string_view before, std::string_view after)
{
    const Changes changes = changes_between(load_well(before), load_well(after));
    std::string text;
    const auto add = [&text](std::string_view section, const NamedChanges& names) {
        if (!names.empty())
            text.append(section).append(": +[" + listed(names.added) + "] ~[" + listed(names.changed) + "] -[" +
                                        listed(names.removed) + "]\n");
    };
    add("webhooks", changes.webhooks);
    add("dialplans", changes.dialplans);
    add("notifications", changes.notifications);
    if (!changes.settings.empty())
        text += "settings: " + listed(changes.settings) + '\n';
    EXPECT_EQ(text.empty(), changes.empty());
    return text;
}

constexpr std::string_view sample = R"(
webhooks:
  a: {url: "http://x/a"}
  b: {url: "http://x/b", description: one}
dialplans:
  "100": [{webhook: a}]
  "101": [{dial: "1"}, hangup]
notifications:
  n: {url: "http://x/n"}
)";

TEST(Changes, TheSameTwiceIsNone)
{
    EXPECT_EQ(between(sample, sample), "");
}

TEST(Changes, AreSaidByName)
{
    EXPECT_EQ(between(sample, R"(
webhooks:
  c: {url: "http://x/c"}
  b: {url: "http://x/b", description: two}
dialplans:
  "102": [{dial: "1"}]
  "101": [{dial: "2"}, hangup]
notifications:
  n: {url: "http://x/n", timeout: 1s}
  m: {url: "http://x/n"}
)"),
              "webhooks: +[c] ~[b] -[a]\n"
              "dialplans: +[102] ~[101] -[100]\n"
              "notifications: +[m] ~[n] -[]\n");
}

TEST(Changes, OfSettingsAreSaidByKey)
{
    EXPECT_EQ(between("webhooks: {}",
                      "webhooks: {}\n"
                      "server: {threads: 2, log: {level: debug}, metrics: {webhooks: false}}\n"
                      "egress: {allow: [127.0.0.1]}\nvars: [tenant]\nasterisk: {play: \"${file},x\"}\n"),
              "settings: server.metrics server.threads server.log egress asterisk vars\n");
}

TEST(Changes, OfEngineHttpAreSaidWhateverTheyAre)
{
    const auto with = [](std::string_view door) {
        return "webhooks: {}\nserver: {engine_http: {listen: \"127.0.0.1:" + std::string(door) + "}}\n";
    };
    const std::string before = with("1\", tokens: [one]");
    EXPECT_EQ(between(before, before), "");
    for (const std::string_view after : {"2\", tokens: [one]", "1\", tokens: [two]", "1\", tokens: [one, two]", "1\"",
                                         "1\", tokens: [one], tls: {cert: /a.pem, key: /a.key}"})
        EXPECT_EQ(between(before, with(after)), "settings: server.engine_http\n") << after;
    EXPECT_EQ(between(before, "webhooks: {}"), "settings: server.engine_http\n");
}

TEST(Changes, OfWhatIsInFilesOfCertificatesAreNotSeen)
{
    const auto names = [](std::string_view yaml) { return names_certificates(load_well(yaml)); };
    EXPECT_TRUE(names("webhooks: {a: {url: \"http://x/\"}, b: {url: \"http://x/\", tls: {ca_file: /a.pem}}}"));
    EXPECT_TRUE(names("notifications: {n: {url: \"http://x/\", tls: {client_cert: /a.pem, client_key: /a.key}}}"));
    EXPECT_TRUE(
        names("server: {engine_http: {listen: \"127.0.0.1:1\", tokens: [a], tls: {cert: /a.pem, key: /a.key}}}"));
    EXPECT_FALSE(names(sample));
    EXPECT_FALSE(names("webhooks: {b: {url: \"http://x/\", tls: {min_version: 1.3}}}"));
}

TEST(Changes, OfDefaultsAreThoseOfWebhooks)
{
    const std::string with_defaults = std::string(sample) + "defaults: {redirects: 1}\n";
    EXPECT_EQ(between(sample, with_defaults), "webhooks: +[] ~[a b] -[]\n");
}

} // namespace
} // namespace dialhook::config::test
