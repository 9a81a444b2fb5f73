#include "ctl/mock/mock_request.hpp"

#include <gmock/gmock.h>

namespace dialhook::mock {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

constexpr auto form = "application/x-www-form-urlencoded";

TEST(MockRequest, DecodesPathAndQuery)
{
    const MockRequest request =
        read_request("GET", "/a%20b+c?did=%2B31&name=Jan+de%20Vries&empty=&bare&did=2&bad=%zz", "", "");
    EXPECT_EQ(request.path, "/a b+c");
    EXPECT_THAT(request.parameters, ElementsAre(Pair("bad", "%zz"), Pair("bare", ""), Pair("did", "+31"),
                                                Pair("empty", ""), Pair("name", "Jan de Vries")));
    EXPECT_EQ(request.parameter("did"), "+31");
    EXPECT_EQ(request.parameter("missing"), "");
}

TEST(MockRequest, ReadsAFormWhoseFieldsWinOverTheQuery)
{
    const MockRequest request = read_request("POST", "/?did=1&tenant=acme",
                                             "Application/X-WWW-Form-Urlencoded ; charset=utf-8", "did=2&&code=%2A7");
    EXPECT_THAT(request.parameters, ElementsAre(Pair("code", "*7"), Pair("did", "2"), Pair("tenant", "acme")));
}

TEST(MockRequest, ReadsTheMembersOfAJsonBody)
{
    const MockRequest request = read_request("POST", "/", "application/json",
                                             R"({"did":"+31","callerid":null,"code":1234,"deep":{"a":[1]},"ok":true})");
    EXPECT_THAT(request.parameters, ElementsAre(Pair("code", "1234"), Pair("deep", R"({"a":[1]})"), Pair("did", "+31"),
                                                Pair("ok", "true")));
}

TEST(MockRequest, WhatIsNoFormAndNoJsonHasNoParameters)
{
    EXPECT_THAT(read_request("POST", "/", "application/json", "{").parameters, IsEmpty());
    EXPECT_THAT(read_request("POST", "/", "application/json", "[1]").parameters, IsEmpty());
    EXPECT_THAT(read_request("POST", "/", "text/plain", "did=1").parameters, IsEmpty());
    EXPECT_THAT(read_request("POST", "/?", form, "").parameters, IsEmpty());
}

} // namespace
} // namespace dialhook::mock
