#include "base/host_name.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace dialhook {
namespace {

constexpr std::array all_forms = {HostNames::strict, HostNames::underscores, HostNames::as_resolved};

TEST(HostName, IsLabelsWithDotsBetweenThem)
{
    const std::string label(63, 'a');
    const std::string name = label + "." + label + "." + label + "." + std::string(61, 'a');
    for (const HostNames form : all_forms) {
        for (const std::string& host :
             {std::string("pbx"), std::string("PBX-1.Example.com"), std::string("pbx."), std::string("10.0.0.1"),
              std::string("xn--bcher-kva.example"), label, name, name + "."})
            EXPECT_TRUE(is_host_name(host, form)) << host;
        for (const std::string& host :
             {std::string(), std::string("."), std::string(".pbx"), std::string("a..b"), std::string("a.."),
              std::string("a b"), std::string("b\xC3\xBC"), std::string("[::1]"), std::string("a:80"),
              std::string("a\0b", 3), label + "a", label + "a.example", name + "a", name + "a."})
            EXPECT_FALSE(is_host_name(host, form)) << host;
    }
}

/// Each of the three users keeps what it allows. A label of more than 63 bytes, which the
/// reader of URLs let pass, is refused everywhere: DNS cannot ask for it.
TEST(HostName, DiffersByWhatItIsFor)
{
    for (const std::string_view host : {"a_b", "_sip.example"}) {
        EXPECT_FALSE(is_host_name(host, HostNames::strict)) << host;
        EXPECT_TRUE(is_host_name(host, HostNames::underscores)) << host;
        EXPECT_TRUE(is_host_name(host, HostNames::as_resolved)) << host;
    }
    for (const std::string_view host : {"-a", "a-", "a.-b", "-", "a-.example"}) {
        EXPECT_FALSE(is_host_name(host, HostNames::strict)) << host;
        EXPECT_FALSE(is_host_name(host, HostNames::underscores)) << host;
        EXPECT_TRUE(is_host_name(host, HostNames::as_resolved)) << host;
    }
}

} // namespace
} // namespace dialhook
