#include "unit/config/loading.hpp"

#include <boost/asio/ip/address.hpp>

#include <string>
#include <vector>

namespace dialhook::config::test {
namespace {

using boost::asio::ip::make_address;

std::string section(std::string_view content)
{
    return "server:\n  engine_http: " + std::string(content) + "\nwebhooks: {}\n";
}

TEST(EngineHttpSection, EveryKeyIsRead)
{
    const auto door =
        load_well(section("{ listen: \"0.0.0.0:8443\", tls: { cert: /a.pem, key: /a.key, client_ca: /ca.pem }, "
                          "tokens: [first, \"$${x}\"] }"))
            .server.engine_http;
    EXPECT_EQ(door.listen, boost::asio::ip::tcp::endpoint(make_address("0.0.0.0"), 8443));
    EXPECT_EQ(door.tls.cert, "/a.pem");
    EXPECT_EQ(door.tls.key, "/a.key");
    EXPECT_EQ(door.tls.client_ca, "/ca.pem");
    EXPECT_EQ(door.tokens, (std::vector<std::string>{"first", "${x}"}));
    EXPECT_TRUE(door.is_guarded());
    EXPECT_EQ(load_well("webhooks: {}").server.engine_http.listen, std::nullopt);
}

TEST(EngineHttpSection, WhatIsNeededOffLoopback)
{
    struct
    {
        std::string_view content, fault;
    } const cases[] = {
        {"{ listen: \"127.0.0.1:1\" }", ""},
        {"{ listen: \"[::1]:1\", tokens: [t] }", ""},
        {"{ listen: \"127.0.0.1:1\", tls: { cert: /a, key: /b } }", ""},
        {"{ listen: \"10.0.0.1:1\", tls: { cert: /a, key: /b }, tokens: [t] }", ""},
        {"{ listen: \"10.0.0.1:1\", tls: { cert: /a, key: /b, client_ca: /c } }", ""},
        {"{ listen: \"10.0.0.1:1\", tls: { cert: /a, key: /b } }", "needs `tokens` beside it, or `client_ca`"},
        {"{ listen: \"10.0.0.1:1\", tokens: [t] }", "needs `tls` beside it"},
        {"{ listen: \"[::]:1\" }", "needs `tls` beside it"},
        {"{ tokens: [t] }", "found no `listen`"},
        {"{ listen: \"127.0.0.1:1\", tls: { cert: /a } }", "found no `key`"},
        {"{ listen: \"127.0.0.1:1\", tls: { key: /a } }", "found no `cert`"},
        {"{ listen: \"127.0.0.1:1\", tokens: [] }", "found an empty list"},
        {"{ listen: \"127.0.0.1:1\", tokens: [\"a b\"] }", "the token is empty, or holds something else"},
        {"{ listen: \"127.0.0.1:1\", tokens: [\"\"] }", "the token is empty, or holds something else"},
        {"{ listen: \"127.0.0.1:1\", tokens: [\"${credential:none}\"] }", "the credential \"none\" cannot be read"},
        {"{ listen: 127.0.0.1 }", "expected an address with a port"},
    };
    for (const auto& [content, fault] : cases) {
        const std::string faults = faults_of(section(content));
        if (fault.empty())
            EXPECT_EQ(faults, "") << content;
        else
            EXPECT_NE(faults.find(fault), std::string::npos) << content << '\n' << faults;
    }
}

TEST(EngineHttpSection, NoFaultShowsAToken)
{
    EXPECT_EQ(faults_of(section("{ listen: \"127.0.0.1:1\", tokens: [\"my secret\"] }")).find("my secret"),
              std::string::npos);
}

TEST(EngineHttpSection, ItsFilesAreChecked)
{
    Environment environment;
    environment.check_engine_tls = [](const EngineTls& options) { return options.client_ca + " is no certificate"; };
    const std::string faults =
        faults_of(section("{ listen: \"127.0.0.1:1\", tls: { cert: /a, key: /b, client_ca: /ca.pem } }"), environment);
    EXPECT_NE(faults.find("server.engine_http.tls.client_ca: /ca.pem is no certificate"), std::string::npos) << faults;
}

TEST(EngineHttpSection, APortIsForOneDoor)
{
    const std::string faults = faults_of("server: { http: \"127.0.0.1:9\", engine_http: { listen: \"127.0.0.1:9\" } }\n"
                                         "webhooks: {}\n");
    EXPECT_NE(faults.find("`http` and `engine_http` have port 9 of one address"), std::string::npos) << faults;
}

} // namespace
} // namespace dialhook::config::test
