#include "unit/net/reading.hpp"

namespace dialhook::net {
namespace {

using namespace std::string_view_literals;

struct Case
{
    std::string_view bytes;
    std::string_view expected;
};

void expect_all(std::initializer_list<Case> cases, Then then = Then::stays_open)
{
    for (const auto& [bytes, expected] : cases)
        EXPECT_EQ(read(bytes, then), expected) << testing::PrintToString(bytes);
}

/// What is refused, without the library's word for it.
void expect_refused(std::initializer_list<std::string_view> texts)
{
    for (const std::string_view bytes : texts)
        EXPECT_TRUE(read(bytes).starts_with("refused: what came is not valid HTTP (")) << testing::PrintToString(bytes);
}

TEST(ResponseReader, BodyOfAGivenLength)
{
    expect_all({
        {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nstatus=ACK", "200 [status=ACK] reusable"},
        {"HTTP/1.1 200 OK\r\ncontent-length:10\r\n\r\nstatus=ACK", "200 [status=ACK] reusable"},
        {"HTTP/1.1 200 OK\r\nContent-Length:  10 \t\r\n\r\nstatus=ACK", "200 [status=ACK] reusable"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 0010\r\n\r\nstatus=ACK", "200 [status=ACK] reusable"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "200 [] reusable"},
        {"HTTP/1.1 404 Not Found\r\nServer: x\r\nContent-Length: 3\r\nDate: y\r\n\r\n\0\r\n"sv,
         "404 [\0\r\n] reusable"sv},
        {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nstatus=AC", "more"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n", "more"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n", "more"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 1", "more"},
        {"HTTP/1.1 2", "more"},
        {"", "more"},
    });
}

TEST(ResponseReader, ChunkedBody)
{
    expect_all({
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\nstatus=ACK\r\n0\r\n\r\n",
         "200 [status=ACK] reusable"},
        {"HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n7\r\nstatus=\r\n3\r\nACK\r\n0\r\n\r\n",
         "200 [status=ACK] reusable"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0000A\r\nstatus=ACK\r\n000\r\n\r\n",
         "200 [status=ACK] reusable"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "200 [] reusable"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na;a=b;c=\"d;\\\"\"\r\nstatus=ACK\r\n0;x\r\n\r\n",
         "200 [status=ACK] reusable"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n\r\n0\r\n0\r\n\r\n", "200 [\r\n0] reusable"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\nstatus=ACK\r\n0\r\n", "more"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\nstatus=ACK\r\n", "more"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\nstatus=A", "more"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "more"},
    });
    expect_refused({
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nstatus=ACK\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\ng\r\nstatus=ACK\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\nstatus=ACK\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\nstatus=ACK\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nstatus=ACK\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10000000000000000\r\nstatus=ACK\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0x0a\r\nstatus=ACK\r\n0\r\n\r\n",
    });
}

/// Trailers were not there when it was decided how to read the message.
TEST(ResponseReader, TrailersChangeNothing)
{
    expect_all({
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 1\r\nY: 2\r\n\r\n",
         "200 [abc] reusable"},
        {"HTTP/1.1 302 Found\r\nTransfer-Encoding: chunked\r\nLocation: /a\r\n\r\n0\r\nLocation: http://evil/\r\n\r\n",
         "302 [] location=/a reusable"},
        {"HTTP/1.1 302 Found\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nLocation: http://evil/\r\n\r\n",
         "302 [] reusable"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nContent-Encoding: gzip\r\n\r\n",
         "200 [abc] reusable"},
    });
}

TEST(ResponseReader, BodyUpToTheClose)
{
    expect_all(
        {
            {"HTTP/1.1 200 OK\r\n\r\nstatus=ACK", "200 [status=ACK]"},
            {"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nstatus=ACK", "200 [status=ACK]"},
            {"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\nstatus=ACK", "200 [status=ACK]"},
            {"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", "200 []"},
            {"HTTP/1.1 302 Found\r\nLocation: /x\r\n\r\n", "302 [] location=/x"},
            // These say where they end, so a close before it means that something is missing.
            {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nstatus=AC", "more"},
            {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\nstatus=ACK\r\n0\r\n", "more"},
            {"HTTP/1.1 200 OK\r\nContent-Type: te", "more"},
            {"HTTP/1.1 200 OK\r\n", "more"},
            {"H", "more"},
            {"", "more"},
        },
        Then::closes);
    EXPECT_EQ(read("HTTP/1.1 200 OK\r\n\r\nstatus=ACK"), "more");
}

TEST(ResponseReader, Http10)
{
    expect_all({
        {"HTTP/1.0 200 OK\r\nContent-Length: 10\r\n\r\nstatus=ACK", "200 [status=ACK]"},
        {"HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 10\r\n\r\nstatus=ACK",
         "200 [status=ACK] reusable"},
    });
    // Chunks came with HTTP/1.1: RFC 9112, 6.1 has such a connection closed.
    EXPECT_EQ(
        read("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"),
        "200 [abc]");
}

TEST(ResponseReader, ConnectionClose)
{
    expect_all({
        {"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc", "200 [abc]"},
        {"HTTP/1.1 200 OK\r\nConnection: foo, CLOSE\r\nContent-Length: 3\r\n\r\nabc", "200 [abc]"},
        {"HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc", "200 [abc]"},
        {"HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nContent-Length: 3\r\n\r\nabc", "200 [abc] reusable"},
    });
}

TEST(ResponseReader, InterimResponsesAreSkipped)
{
    expect_all({
        {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", "200 [abc] reusable"},
        {"HTTP/1.1 103 Early Hints\r\nLocation: /hint\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\nConnection: "
         "close\r\n\r\n"
         "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc",
         "200 [abc] reusable"},
        {"HTTP/1.1 100 Continue\r\n\r\n", "more"},
        {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1", "more"},
        {"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n",
         "refused: the web server wants to change the protocol, or sends interim responses without end"},
    });
    // An end behind one is an end before the response.
    EXPECT_EQ(read("HTTP/1.1 100 Continue\r\n\r\n", Then::closes), "more");
    EXPECT_EQ(read("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\nabc", Then::closes), "200 [abc]");

    std::string many;
    for (int count = 0; count < 16; ++count)
        many += "HTTP/1.1 100 Continue\r\n\r\n";
    const std::string last = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    EXPECT_EQ(read(many + last), "200 [] reusable");
    EXPECT_EQ(read(many + "HTTP/1.1 100 Continue\r\n\r\n" + last),
              "refused: the web server wants to change the protocol, or sends interim responses without end");
}

TEST(ResponseReader, StatusesWithoutABody)
{
    expect_all({
        {"HTTP/1.1 204 No Content\r\n\r\n", "204 [] reusable"},
        {"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", "204 [] reusable"},
        {"HTTP/1.1 304 Not Modified\r\nContent-Length: 100000\r\n\r\n", "304 [] reusable"},
        {"HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n", "304 [] reusable"},
        {"HTTP/1.1 204 No Content\r\nContent-Length: 3\r\n\r\nabc", "204 []"},
    });
}

TEST(ResponseReader, FramedTwoWays)
{
    expect_refused({
        "HTTP/1.1 020 OK\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 099\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        "HTTP/1.1 200 OK\r\nContent-Length: 3, 4\r\n\r\nabcd",
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: +3\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nContent-Length: 0x3\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nContent-Length: 3 4\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nContent-Length: \r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nContent-Length: 3,\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nabc",
    });
    expect_all({
        {"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc", "200 [abc] reusable"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 3, 3\r\n\r\nabc", "200 [abc] reusable"},
    });
}

/// The body is not what the web server meant to say, and where it ends is in doubt.
TEST(ResponseReader, CodedBodies)
{
    expect_all({
        {"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc", "200 [abc] coded reusable"},
        {"HTTP/1.1 200 OK\r\ncontent-encoding: br, identity\r\nContent-Length: 3\r\n\r\nabc",
         "200 [abc] coded reusable"},
        {"HTTP/1.1 200 OK\r\nContent-Encoding: identity\r\nContent-Length: 3\r\n\r\nabc", "200 [abc] reusable"},
        {"HTTP/1.1 200 OK\r\nContent-Encoding: \r\nContent-Length: 3\r\n\r\nabc", "200 [abc] reusable"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", "200 [abc] coded"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
         "200 [abc] coded"},
        // A proxy would see chunks where we see a length.
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, gzip\r\nContent-Length: 3\r\n\r\nabc", "200 [abc] coded"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked\r\nContent-Length: 3\r\n\r\nabc", "200 [abc] coded"},
    });
    EXPECT_EQ(read("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nabc", Then::closes), "200 [abc] coded");
}

TEST(ResponseReader, BytesBehindTheResponseSpoilTheConnection)
{
    expect_all({
        {"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcd", "200 [abc]"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc\r\n", "200 [abc]"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "200 []"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n\r\n", "200 []"},
    });
}

TEST(ResponseReader, StatusLines)
{
    expect_all({
        {"HTTP/1.1 200 \r\nContent-Length: 3\r\n\r\nabc", "200 [abc] reusable"},
        // RFC 9112 wants the space, but web servers without reason phrases forget it.
        {"HTTP/1.1 200\r\nContent-Length: 3\r\n\r\nabc", "200 [abc] reusable"},
        {"HTTP/1.0 404\r\nContent-Length: 3\r\n\r\nabc", "404 [abc]"},
        {"HTTP/1.1 100\r\n\r\nHTTP/1.1 200\r\nContent-Length: 3\r\n\r\nabc", "200 [abc] reusable"},
        {"HTTP/1.1 200", "more"},
        {"HTTP/1.1 200\r", "more"},
        {"HTTP/1.1 200 Alles in Ordnung \xE2\x9C\x93\r\nContent-Length: 3\r\n\r\nabc", "200 [abc] reusable"},
        {"HTTP/1.1 200   OK\r\nContent-Length: 3\r\n\r\nabc", "200 [abc] reusable"},
        {"HTTP/1.1 999 ?\r\nContent-Length: 3\r\n\r\nabc", "999 [abc] reusable"},
    });
    expect_refused({
        "HTTP/1.2 200 OK\r\n\r\n",
        "HTTP/1.1  200 OK\r\n\r\n",
        "HTTP/1.1 20 OK\r\n\r\n",
        "HTTP/1.1 2000 OK\r\n\r\n",
        "HTTP/1.1 abc OK\r\n\r\n",
        "HTTP/1.1 20x\r\n\r\n",
        "HTTP/1.1 200\nA: b\r\n\r\n",
        "HTTP/1.1 200 O\x01K\r\n\r\n",
    });
}

/// It is noticed at once: a server that greets first, or waits for a greeting, never sends a whole head.
TEST(ResponseReader, OtherProtocols)
{
    for (const std::string_view bytes :
         {"SSH-2.0-OpenSSH_9.2p1\r\n"sv, "220 mail ESMTP\r\n"sv, "status=ACK"sv, "<html></html>"sv, "\0\0\0"sv,
          "\x16\x03\x01\x02\x03"sv, "HTTP/2 200 OK\r\n\r\n"sv, "HTTP/0.9 200 OK\r\n\r\n"sv, "HTTPS"sv,
          "http/1.1 200 OK\r\n\r\n"sv, "\r\nHTTP/1.1 200 OK\r\n\r\n"sv, " HTTP/1.1 200 OK\r\n\r\n"sv, "\n"sv,
          "ICY 200 OK\r\nA: b\r\n\r\n"sv, "HTTP/1.1 100 Continue\r\n\r\nSSH"sv,
          "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"sv})
        EXPECT_EQ(read(bytes), "refused: what came is not HTTP/1") << testing::PrintToString(bytes);
}

TEST(ResponseReader, FieldsThatAreNone)
{
    expect_refused({
        "HTTP/1.1 200 OK\r\nContent-Length : 3\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\n: 3\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nContent Length: 3\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nA: b\0c\r\n\r\nabc"sv,
        "HTTP/1.1 200 OK\r\nA: b\rContent-Length: 3\r\n\r\nabc",
    });
    expect_all({
        {"HTTP/1.1 302 Found\r\nLocation: /a?\xC3\xA9\r\nContent-Length: 0\r\n\r\n",
         "302 [] location=/a?\xC3\xA9 reusable"},
        {"HTTP/1.1 302 Found\r\nlocation:\t /a b \r\nContent-Length: 0\r\n\r\n", "302 [] location=/a b reusable"},
        {"HTTP/1.1 302 Found\r\nLocation:\r\nContent-Length: 0\r\n\r\n", "302 [] reusable"},
        {"HTTP/1.1 200 OK\r\nX-Folded: a\r\n b\r\n\tc\r\nContent-Length: 3\r\n\r\nabc", "200 [abc] reusable"},
    });
}

} // namespace
} // namespace dialhook::net
