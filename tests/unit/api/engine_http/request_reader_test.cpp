#include "api/engine_http/request_reader.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace dialhook::engine_http {
namespace {

using State = RequestReader::State;

constexpr std::string_view ordinary =
    "POST /v1/route HTTP/1.1\r\nHost: pbx\r\nAuthorization: Bearer t\r\n"
    "Accept: Application/X-WWW-Form-Urlencoded;q=1\r\nContent-Length: 5\r\n\r\n{ \n }";

void expect_ordinary(RequestReader& reader)
{
    ASSERT_EQ(reader.state(), State::whole);
    EXPECT_FALSE(reader.is_pipelined());
    const Request request = reader.take();
    EXPECT_EQ(request.method, Request::Method::post);
    EXPECT_EQ(request.target, "/v1/route");
    EXPECT_EQ(request.authorization, "Bearer t");
    EXPECT_TRUE(request.wants_form);
    EXPECT_FALSE(request.is_from_browser);
    EXPECT_TRUE(request.stays);
    EXPECT_EQ(request.body, "{ \n }");
}

TEST(RequestReader, AWholeRequest)
{
    RequestReader reader;
    EXPECT_FALSE(reader.has_begun());
    EXPECT_EQ(reader.feed(ordinary), State::whole);
    EXPECT_TRUE(reader.has_begun());
    expect_ordinary(reader);
}

TEST(RequestReader, ByteByByte)
{
    RequestReader reader;
    for (const char byte : ordinary.substr(0, ordinary.size() - 1))
        EXPECT_EQ(reader.feed({&byte, 1}), State::more);
    EXPECT_EQ(reader.feed(ordinary.substr(ordinary.size() - 1)), State::whole);
    expect_ordinary(reader);
}

TEST(RequestReader, WhatComesAfterItIsPipelined)
{
    RequestReader at_once;
    at_once.feed(std::string(ordinary).append("P"));
    EXPECT_EQ(at_once.state(), State::whole);
    EXPECT_TRUE(at_once.is_pipelined());
    EXPECT_EQ(at_once.take().body, "{ \n }");

    RequestReader later;
    later.feed(ordinary);
    EXPECT_EQ(later.feed("P"), State::whole);
    EXPECT_TRUE(later.is_pipelined());
}

TEST(RequestReader, Chunks)
{
    RequestReader reader;
    reader.feed("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n");
    EXPECT_EQ(reader.state(), State::more);
    EXPECT_EQ(reader.feed("0\r\n\r\n"), State::whole);
    EXPECT_EQ(reader.take().body, "{}");
}

/// Beast 1.81 asserts that more than one byte comes after the last chunk's line.
TEST(RequestReader, ChunksOfNothingByteByByte)
{
    const std::string_view request = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    RequestReader reader;
    for (std::size_t index = 0; index + 1 < request.size(); ++index)
        ASSERT_EQ(reader.feed(request.substr(index, 1)), State::more) << index;
    EXPECT_EQ(reader.feed("\n"), State::whole);
    EXPECT_EQ(reader.take().body, "");
}

TEST(RequestReader, WhoKeepsTheConnection)
{
    struct
    {
        std::string_view head;
        bool stays;
    } const cases[] = {
        {"GET / HTTP/1.1\r\n\r\n", true},
        {"GET / HTTP/1.1\r\nConnection: close\r\n\r\n", false},
        {"GET / HTTP/1.1\r\nConnection: keep-alive\r\nConnection: close\r\n\r\n", false},
        {"GET / HTTP/1.0\r\n\r\n", false},
        {"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", false},
    };
    for (const auto& [head, stays] : cases) {
        RequestReader reader;
        ASSERT_EQ(reader.feed(head), State::whole) << head;
        EXPECT_EQ(reader.take().stays, stays) << head;
    }
}

TEST(RequestReader, EachAcceptHeaderCounts)
{
    RequestReader reader;
    reader.feed("GET / HTTP/1.1\r\nAccept: text/html\r\nAccept: application/x-www-form-urlencoded\r\n\r\n");
    EXPECT_TRUE(reader.take().wants_form);
}

/// RFC 9112, 2.2
TEST(RequestReader, EmptyLinesAroundARequest)
{
    RequestReader before;
    EXPECT_EQ(before.feed("\r\n\n"), State::more);
    EXPECT_FALSE(before.has_begun());
    before.feed("\r\n" + std::string(ordinary));
    expect_ordinary(before);

    RequestReader behind;
    behind.feed(std::string(ordinary) + "\r\n");
    behind.feed("\r\n");
    expect_ordinary(behind);

    RequestReader next;
    next.feed(std::string(ordinary) + "\r\nP");
    EXPECT_TRUE(next.is_pipelined());

    RequestReader nothing_else;
    nothing_else.feed(std::string(100, '\n'));
    EXPECT_EQ(nothing_else.state(), State::refused);

    RequestReader many_behind;
    many_behind.feed(std::string(ordinary) + std::string(100, '\n'));
    EXPECT_TRUE(many_behind.is_pipelined());
}

TEST(RequestReader, Methods)
{
    struct
    {
        std::string_view head;
        Request::Method method;
    } const cases[] = {
        {"POST / HTTP/1.1\r\n\r\n", Request::Method::post},
        {"HEAD / HTTP/1.1\r\nOrigin: null\r\n\r\n", Request::Method::head},
        {"BREW / HTTP/1.1\r\n\r\n", Request::Method::other},
    };
    for (const auto& [head, method] : cases) {
        RequestReader reader;
        ASSERT_EQ(reader.feed(head), State::whole) << head;
        const Request request = reader.take();
        EXPECT_EQ(request.method, method) << head;
        EXPECT_EQ(request.is_from_browser, method == Request::Method::head) << head;
    }
}

TEST(RequestReader, Limits)
{
    const auto with_body = [](std::size_t size) {
        return "POST / HTTP/1.1\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n";
    };
    RequestReader largest;
    largest.feed(with_body(RequestReader::max_body));
    EXPECT_EQ(largest.feed(std::string(RequestReader::max_body, ' ')), State::whole);

    RequestReader too_large;
    EXPECT_EQ(too_large.feed(with_body(RequestReader::max_body + 1)), State::refused);
    EXPECT_EQ(too_large.refusal().status, 413U);

    RequestReader chunked;
    chunked.feed("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n10001\r\n");
    chunked.feed(std::string(RequestReader::max_body + 1, ' '));
    EXPECT_EQ(chunked.state(), State::refused);
    EXPECT_EQ(chunked.refusal().status, 413U);

    RequestReader long_head;
    for (int part = 0; part < 9 && long_head.state() == State::more; ++part)
        long_head.feed(part == 0 ? "GET / HTTP/1.1\r\nX: " : std::string(1024, 'x'));
    EXPECT_EQ(long_head.state(), State::refused);
    EXPECT_EQ(long_head.refusal().status, 431U);
}

/// What the parser has to see as a whole, and takes no part of, is not gathered for ever.
TEST(RequestReader, WhatStandsBetweenChunksHasALimit)
{
    const std::string chunked = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
    struct
    {
        std::string begin, endless;
    } const cases[] = {{"5;", "x"}, {"1\r\n{\r\n1;", "x"}, {"0\r\n", "X: y\r\n"}, {"0\r\nX: ", "y"}};
    for (const auto& [begin, endless] : cases) {
        RequestReader at_once;
        RequestReader by_parts;
        std::string many;
        while (many.size() < 2 * RequestReader::max_head)
            many += endless;
        at_once.feed(chunked + begin + many);
        by_parts.feed(chunked + begin);
        for (std::size_t fed = 0; fed < many.size(); fed += endless.size()) {
            by_parts.feed(endless);
            ASSERT_LE(by_parts.held(), RequestReader::max_head) << begin;
        }
        for (const RequestReader* reader : {&at_once, &by_parts}) {
            ASSERT_EQ(reader->state(), State::refused) << begin;
            EXPECT_EQ(reader->refusal().status, 431U) << begin;
        }
    }

    RequestReader long_line;
    long_line.feed(chunked + "2;" + std::string(8000, 'x') + "\r\n{}\r\n0\r\nX: y\r\n\r\n");
    ASSERT_EQ(long_line.state(), State::whole);
    EXPECT_EQ(long_line.take().body, "{}");
}

/// However its lines come, of which the parser takes each at once.
TEST(RequestReader, AHeadOfManyLinesHasALimit)
{
    RequestReader reader;
    reader.feed("GET / HTTP/1.1\r\nX");
    for (std::size_t fed = 0; fed < 2 * RequestReader::max_head; fed += 6)
        reader.feed(": y\r\nX");
    ASSERT_EQ(reader.state(), State::refused);
    EXPECT_EQ(reader.refusal().status, 431U);
}

TEST(RequestReader, NoHttp)
{
    for (const std::string_view text :
         {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "{\"jsonrpc\":\"2.0\"}\n\r\n\r\n", "\x16\x03\x01\x02\r\n\r\n",
          "POST /\r\n\r\n", "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
          "POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"})
    {
        RequestReader reader;
        reader.feed(text);
        ASSERT_EQ(reader.state(), State::refused) << text;
        EXPECT_EQ(reader.refusal().status, 400U) << text;
        EXPECT_EQ(reader.refusal().fault.code, RpcError::invalid_request) << text;
        EXPECT_TRUE(reader.refusal().fault.message.starts_with("not a request of HTTP/1.1: ")) << text;
    }
}

TEST(RequestReader, SaysContinueOnce)
{
    RequestReader reader;
    reader.feed("POST / HTTP/1.1\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n");
    EXPECT_FALSE(reader.must_say_continue());
    reader.feed("\r\n");
    EXPECT_TRUE(reader.must_say_continue());
    EXPECT_FALSE(reader.must_say_continue());
    EXPECT_EQ(reader.feed("{}"), State::whole);

    RequestReader silent;
    silent.feed("POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\n");
    EXPECT_FALSE(silent.must_say_continue());
}

} // namespace
} // namespace dialhook::engine_http
