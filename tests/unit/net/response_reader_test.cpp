#include "net/http/response_head.hpp"
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
        EXPECT_TRUE(read(bytes).starts_with("refused: the response is not valid HTTP ("))
            << testing::PrintToString(bytes);
}

std::string without_reusable(const std::string& text)
{
    return text.substr(0, text.find(" reusable"));
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

/// Proxies (`tunnel.cpp`) and `dialhookctl try` read status lines with this, too: what the reader of replies refuses
/// as none of HTTP won over their looser ones.
TEST(StatusLine, IsReadInOneWay)
{
    const auto read = [](std::string_view line) {
        const auto status_line = read_status_line(line);
        return status_line ? (status_line->is_http_1_0 ? 1000 : 0) + status_line->status : 0;
    };
    EXPECT_EQ(read("HTTP/1.1 200 OK"), 200);
    EXPECT_EQ(read("HTTP/1.1 407"), 407);
    EXPECT_EQ(read("HTTP/1.0 502 "), 1502);
    for (const std::string_view none :
         {"", "HTTP/1.1", "HTTP/1.1 20", "HTTP/1.2 200 OK", "HTTP/2 200", "HTTP/1.1 2000", "HTTP/1.1 200OK",
          "HTTP/1.1 020 OK", "HTTP/1.1  200 OK", "http/1.1 200 OK", "HTTP/1.1 -20 OK", "SSH-2.0-OpenSSH_9.2p1"})
        EXPECT_EQ(read(none), 0) << none;
}

TEST(ResponseReader, LineEndsOfAReplyMayComeBeforeTheNext)
{
    constexpr auto reply = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nstatus=ACK"sv;
    for (const std::string_view late : {"\r\n"sv, "\n"sv, "\r\n\r\n"sv}) {
        ResponseReader reader;
        EXPECT_EQ(reader.feed(reply), ResponseReader::State::complete);
        reader.reset_for_the_next();
        EXPECT_EQ(reader.feed(late), ResponseReader::State::more);
        EXPECT_EQ(reader.feed(reply), ResponseReader::State::complete);
        EXPECT_EQ(reader.response().body, "status=ACK");
        EXPECT_TRUE(reader.leaves_connection_usable());
    }
    ResponseReader reader;
    reader.feed(reply);
    reader.reset_for_the_next();
    EXPECT_EQ(reader.feed("\n\n\n\n\n\n\n\n\n"), ResponseReader::State::refused) << "not for ever";
}

TEST(ResponseReader, NothingOfAResponseIsInTheNext)
{
    ResponseReader reader;
    reader.feed("HTTP/1.1 302 Found\r\nRetry-After: 3600\r\nLocation: /x\r\nContent-Length: 3\r\n\r\nabc");
    EXPECT_EQ(reader.response().retry_after, "3600");
    EXPECT_EQ(reader.response().location, "/x");
    reader.reset_for_the_next();
    // Read by the reader of ordinary responses, and by the other one.
    for (const auto next : {"HTTP/1.1 503 x\r\nContent-Length: 0\r\n\r\n"sv, "HTTP/1.1 503 x\ncontent-length:0\n\n"sv})
    {
        EXPECT_EQ(reader.feed(next), ResponseReader::State::complete);
        EXPECT_EQ(reader.response().status, 503);
        EXPECT_EQ(reader.response().body + reader.response().retry_after + reader.response().location, "");
        reader.reset_for_the_next();
    }
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
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nA  \r\nstatus=ACK\r\n0\t \r\n\r\n",
         "200 [status=ACK] reusable"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na \t;a=b ; c\r\nstatus=ACK\r\n0  ;x\r\n\r\n",
         "200 [status=ACK] reusable"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na;\r\nstatus=ACK\r\n0;;\r\n\r\n",
         "200 [status=ACK] reusable"},
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
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n a\r\nstatus=ACK\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\ta\r\nstatus=ACK\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n+a\r\nstatus=ACK\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nax\r\nstatus=ACK\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na x\r\nstatus=ACK\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na;x\ry\r\nstatus=ACK\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\nstatus=ACK\r\n0 x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\nstatus=ACK\r\n\r\n\r\n",
        // However long the rest of the line lets wait for it.
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nstatus=ACK",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nax",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nstatus",
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
         "refused: the web server switches protocols, or sends interim responses without end"},
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
              "refused: the web server switches protocols, or sends interim responses without end");
}

TEST(ResponseReader, StatusesWithoutABody)
{
    expect_all({
        {"HTTP/1.1 204 No Content\r\n\r\n", "204 [] reusable"},
        {"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", "204 [] reusable"},
        {"HTTP/1.1 304 Not Modified\r\nContent-Length: 100000\r\n\r\n", "304 [] reusable"},
        {"HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n", "304 [] reusable"},
        {"HTTP/1.1 204 No Content\r\nContent-Length: 3\r\n\r\nabc", "204 []"},
        {"HTTP/1.1 204 No Content\r\n\r\nstatus=ACK", "204 []"},
        {"HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", "304 []"},
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

/// Whether it is compressed, or only has a word in a place that is meant for that.
TEST(ResponseReader, ContentEncoding)
{
    const auto with = [](std::string_view lines) {
        return read("HTTP/1.1 200 OK\r\n" + std::string(lines) + "\r\nContent-Length: 3\r\n\r\nabc");
    };
    for (const std::string_view coding :
         {"gzip", "x-gzip", "deflate", "compress", "x-compress", "br", "zstd", "GZIP", "Br", "br, identity",
          "identity,gzip", "UTF-8, deflate", ",gzip", " gzip ;q=1", "gzip\r\nContent-Encoding: identity",
          "identity\r\ncontent-encoding: zstd"})
        EXPECT_EQ(without_reusable(with("Content-Encoding: " + std::string(coding))), "200 [abc] coded") << coding;
    for (const std::string_view coding : {"", "identity", "Identity", "UTF-8", "utf8", "none", "binary", "7bit", "8bit",
                                          "iso-8859-1", "gzipped", "text/plain; charset=utf-8", "UTF-8, identity,"})
        EXPECT_EQ(with("Content-Encoding: " + std::string(coding)), "200 [abc] reusable") << coding;
}

/// Where a body ends is certain only for chunks that come last. With a word that is no coding it is where it would be
/// without; another reader may see it elsewhere, so the connection is not used again.
TEST(ResponseReader, TransferEncoding)
{
    const auto with = [](std::string_view lines, std::string_view rest, Then then = Then::stays_open) {
        return read("HTTP/1.1 200 OK\r\nTransfer-Encoding: " + std::string(lines) + "\r\n" + std::string(rest), then);
    };
    const std::string_view in_chunks = "\r\n3\r\nabc\r\n0\r\n\r\n";
    const std::string_view sized = "Content-Length: 3\r\n\r\nabc";
    EXPECT_EQ(with("chunked", in_chunks), "200 [abc] reusable");
    EXPECT_EQ(with("CHUNKED", in_chunks), "200 [abc] reusable");
    for (const std::string_view codings : {"identity, chunked", "identity\r\nTransfer-Encoding: chunked", ", chunked",
                                           "chunked,", "none,chunked", "\r\nTransfer-Encoding: chunked"})
        EXPECT_EQ(with(codings, in_chunks), "200 [abc]") << codings;
    for (const std::string_view codings : {"identity", "Identity", "", "none", "binary", "8bit", "UTF-8",
                                           "identity, identity", "identity\r\nTransfer-Encoding: identity"})
    {
        EXPECT_EQ(with(codings, sized), "200 [abc]") << codings;
        EXPECT_EQ(with(codings, "\r\nabc", Then::closes), "200 [abc]") << codings;
    }
    for (const std::string_view codings :
         {"gzip", "GZIP, chunked", "gzip\r\nTransfer-Encoding: chunked", "chunked, br", "gzip, identity", "zstd;q=1"})
    {
        EXPECT_EQ(with(codings, "\r\n"), "200 [] coded") << codings << " is known to be so at once";
        EXPECT_EQ(with(codings, in_chunks), "200 [] coded") << codings;
    }
    for (const std::string_view codings : {"chunked;q=1", "xchunked", "\"chunked\"", "chunked identity", "chunked\x01",
                                           "chunked\xC2\xA0", "chunked, identity", "chunked, none"})
    {
        EXPECT_TRUE(with(codings, "\r\n").starts_with("refused: ")) << codings;
        EXPECT_TRUE(with(codings, sized).starts_with("refused: ")) << codings;
    }
    for (const std::string_view codings :
         {"chunked, chunked", "chunked,Chunked", "chunked\r\nTransfer-Encoding: chunked", "chunked, gzip, chunked"})
        EXPECT_EQ(with(codings, "\r\n"), "refused: the response is not valid HTTP (it is chunked twice)") << codings;
    for (const std::string_view codings : {"chunked", "identity, chunked", "gzip, chunked"}) {
        EXPECT_TRUE(with(codings, sized).starts_with("refused: ")) << codings;
        EXPECT_TRUE(with(std::string(codings) + "\r\nContent-Length: 3", in_chunks).starts_with("refused: "))
            << codings;
    }
}

/// A length that was counted in characters, for example. A line end, or another message, is no sign
/// of that.
TEST(ResponseReader, BytesAfterTheDeclaredEnd)
{
    const std::string starts[] = {"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc",
                                  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
                                  "HTTP/1.1 200 OK\r\nX: " + std::string(300, 'x') +
                                      "\r\nContent-Length: 3\r\n\r\nabc"};
    for (const std::string& start : starts) {
        for (const std::string_view behind :
             {"d"sv, "\0"sv, " "sv, "\r\nd"sv, "\n\n<!-- served by 4 -->"sv, "H"sv, "HTTP/2"sv, "http/1.1 200"sv,
              "\r\nHTTP"sv, " HTTP/1.1 200 OK"sv, "status=NAK"sv, "0\r\n\r\n"sv, "\xC3\xBC"sv})
            EXPECT_EQ(read(start + std::string(behind)), "200 [abc] overrun") << testing::PrintToString(behind);
        for (const std::string_view behind :
             {"\r\n"sv, "\n"sv, "\r"sv, "\r\n\r\n\n\n"sv, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"sv,
              "\r\nHTTP/1.1 200 OK\r\n"sv, "HTTP/1.0 408 Request Time-out\r\nConnection: close\r\n\r\n"sv, "HTTP/1."sv})
            EXPECT_EQ(read(start + std::string(behind)), "200 [abc]") << testing::PrintToString(behind);
    }
    EXPECT_EQ(read("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nstatus=ACK"), "200 [] overrun");
    EXPECT_EQ(read("HTTP/1.1 404 Not Found\r\nContent-Length: 3\r\n\r\nabcd"), "404 [abc] overrun");
}

/// A read may end where the response does, or within the start of the next one.
TEST(ResponseReader, BytesAfterTheDeclaredEndInSeveralPortions)
{
    const std::string text = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc";
    const auto fed = [&](std::initializer_list<std::string_view> portions) {
        ResponseReader reader;
        EXPECT_EQ(reader.feed(text), ResponseReader::State::complete);
        EXPECT_TRUE(reader.leaves_connection_usable());
        for (const std::string_view portion : portions)
            EXPECT_EQ(reader.feed(portion), ResponseReader::State::complete);
        return shown(reader, ResponseReader::State::complete, true);
    };
    EXPECT_EQ(fed({}), "200 [abc] reusable");
    EXPECT_EQ(fed({"d"}), "200 [abc] overrun");
    EXPECT_EQ(fed({"\r", "\nd"}), "200 [abc] overrun");
    EXPECT_EQ(fed({"\r", "\n", "\n"}), "200 [abc]");
    EXPECT_EQ(fed({"\r\nHT", "TP/1", ".1 200 OK"}), "200 [abc]");
    EXPECT_EQ(fed({"HT", "TX"}), "200 [abc] overrun");
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
        {"HTTP/1.1 200 O\x01K\r\nContent-Length: 3\r\n\r\nabc", "200 [abc]"},
    });
    expect_refused({
        "HTTP/1.2 200 OK\r\n\r\n",
        "HTTP/1.1  200 OK\r\n\r\n",
        "HTTP/1.1 20 OK\r\n\r\n",
        "HTTP/1.1 2000 OK\r\n\r\n",
        "HTTP/1.1 abc OK\r\n\r\n",
        "HTTP/1.1 20x\r\n\r\n",
        "HTTP/1.1 200OK\r\n\r\n",
        "HTTP/1.1\t200 OK\r\n\r\n",
        "HTTP/1.1 200 O\rK\r\n\r\n",
        "HTTP/1.1 200 OK\rContent-Length: 3\r\n\r\nabc",
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
        EXPECT_EQ(read(bytes), "refused: the response is not HTTP/1") << testing::PrintToString(bytes);
}

/// They say nothing about where the body ends: what they mean is lost, and so is the connection.
TEST(ResponseReader, MalformedLinesThatFrameNothing)
{
    for (const std::string_view line : {"X Y: z"sv,
                                        "no colon"sv,
                                        "no-colon"sv,
                                        ": no name"sv,
                                        "X : z"sv,
                                        "X\t: z"sv,
                                        "\"X\": z"sv,
                                        "<br>"sv,
                                        "X@Y: z"sv,
                                        "Z\xC3\xA9: z"sv,
                                        "X: \0"sv,
                                        "X: \x01"sv,
                                        "X: \x7F"sv,
                                        "X\0: z"sv,
                                        "/* : */"sv,
                                        "X: a\r\n b"sv,
                                        "X: a\r\n\tContent-Length: 1"sv,
                                        "X:\r\n a\r\n \r\n\tb"sv,
                                        "HTTP/1.1 200 OK"sv,
                                        "Warning: Cannot modify header information"sv,
                                        "Connection: keep alive"sv})
    {
        for (const auto& [before, after] : {std::pair("Server: x\r\n", ""), std::pair("", "Server: x\r\n")})
            EXPECT_EQ(read("HTTP/1.1 200 OK\r\n" + std::string(before) + std::string(line) + "\r\n" + after +
                           "Content-Length: 3\r\n\r\nabc"),
                      line.starts_with("Warning: ") ? "200 [abc] reusable" : "200 [abc]")
                << testing::PrintToString(line);
    }
    // What stands between the status and the first field belongs to neither (RFC 9112, 2.2).
    EXPECT_EQ(read("HTTP/1.1 200 OK\r\n X: y\r\nContent-Length: 3\r\n\r\nabc"), "200 [abc]");
    EXPECT_EQ(read("HTTP/1.1 100 Continue\r\nX Y: z\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"),
              "200 [abc]");
    EXPECT_EQ(read("HTTP/1.1 302 Found\r\nLocation: /a\x01\r\nLocation : /b\r\nContent-Length: 0\r\n\r\n"), "302 []");
    EXPECT_EQ(read("HTTP/1.1 302 Found\r\nLocation: /a\r\n b\r\nContent-Length: 0\r\n\r\n"), "302 [] location=/a b");
}

/// Somebody else may see another end of the body.
TEST(ResponseReader, MalformedLinesThatMayFrame)
{
    for (const std::string_view line :
         {"Content-Length : 3"sv, "Content-Length\t: 3"sv, " Content-Length: 3"sv, "Content Length: 3"sv,
          "Content-Length 3"sv, "CONTENT-LENGTH"sv, "\"Content-Length\": 3"sv, "Content-Length\0: 3"sv,
          "X Content-Length: 3"sv,
          "\xEF\xBB\xBF"
          "Content-Length: 3"sv,
          "Content-Length: 3\x01"sv, "Content-Length: 3;"sv, "Transfer-Encoding : chunked"sv,
          "transfer-encoding\t: chunked"sv, " Transfer-Encoding: chunked"sv, "Transfer Encoding: chunked"sv,
          "Transfer-Encoding chunked"sv, "Transfer-Encoding\0: chunked"sv})
    {
        const std::string start = "HTTP/1.1 200 OK\r\n" + std::string(line) + "\r\n";
        for (const std::string_view rest :
             {"\r\nabc", "Content-Length: 3\r\n\r\nabc", "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"})
            EXPECT_TRUE(read(start + std::string(rest)).starts_with("refused: the response is not valid HTTP ("))
                << testing::PrintToString(line) << rest;
    }
    expect_refused({
        "HTTP/1.1 200 OK\r\nA: b\rContent-Length: 3\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nA: b\r\r\n\rContent-Length: 3\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nContent-Length: 3\rA: b\r\n\r\nabc",
    });
    EXPECT_EQ(read("HTTP/1.1 200 OK\r\nContent-Length:\r\n 3\r\n\r\nabc"), "200 [abc]");
    EXPECT_EQ(read("HTTP/1.1 200 OK\r\nContent_Length: 5\r\nContent-Length: 3\r\n\r\nabc"), "200 [abc] reusable")
        << "a field of another name";
}

/// Of scripts that print the head themselves.
TEST(ResponseReader, LineEndsOfOtherSystems)
{
    const std::string texts[] = {
        "HTTP/1.1 200 OK\r\nServer: x\r\nContent-Length: 3\r\n\r\nabc",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX: y\r\n\r\n",
    };
    for (const std::string& text : texts) {
        for (const std::string_view line_end : {"\n", "\r\r\n"}) {
            std::string other;
            for (const char byte : text)
                if (byte == '\n')
                    other += line_end;
                else if (byte != '\r')
                    other += byte;
            EXPECT_EQ(read(other), "200 [abc]") << testing::PrintToString(other);
        }
        for (auto at = text.find('\r'); at != std::string::npos; at = text.find('\r', at + 1))
            EXPECT_EQ(read(std::string(text).erase(at, 1)), "200 [abc]") << testing::PrintToString(text) << at;
    }
    EXPECT_EQ(read("HTTP/1.1 302 Found\nLocation: /a\n\n", Then::closes), "302 [] location=/a");
    EXPECT_EQ(read("HTTP/1.1 200 OK\nContent-Length: 3\n"), "more");
    EXPECT_EQ(read("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r"), "more");
}

/// What the head says stays known when the body breaks off, is late or is framed wrongly; the body itself does not.
TEST(ResponseReader, TheHeadOfAResponseThatBreaksOff)
{
    for (const std::string_view bytes : {
             "HTTP/1.1 429 Later\r\nRetry-After: 7\r\nContent-Length: 3\r\n\r\nok"sv,
             "HTTP/1.1 429 Later\r\nRetry-After: 7\r\nContent-Length: 3\r\n\r\n"sv,
             "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 429 Later\r\nRetry-After: 7\r\n\r\nok"sv,
             "HTTP/1.1 429 Later\r\nRetry-After: 7\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok"sv,
             "HTTP/1.1 429 Later\r\nRetry-After: 7\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"sv,
         })
    {
        ResponseReader reader;
        EXPECT_NE(reader.feed(bytes), ResponseReader::State::complete) << bytes;
        EXPECT_TRUE(reader.settle_for_the_head()) << bytes;
        EXPECT_EQ(reader.response().status, 429) << bytes;
        EXPECT_EQ(reader.response().retry_after, "7") << bytes;
        EXPECT_EQ(reader.response().body, "") << bytes;
        EXPECT_TRUE(reader.response().body_is_cut) << bytes;
        EXPECT_FALSE(reader.leaves_connection_usable()) << bytes;
        reader.reset();
        EXPECT_FALSE(reader.response().body_is_cut) << bytes;
    }
    for (const std::string_view bytes :
         {""sv, "HTTP/1.1 200"sv, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n"sv, "HTTP/1.1 100 Continue\r\n\r\n"sv,
          "garbage\r\n\r\n"sv, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"sv})
    {
        ResponseReader reader;
        reader.feed(bytes);
        EXPECT_FALSE(reader.settle_for_the_head()) << bytes;
        EXPECT_FALSE(reader.response().body_is_cut) << bytes;
    }
}

TEST(ResponseReader, ValuesAsTheyAre)
{
    expect_all({
        {"HTTP/1.1 302 Found\r\nLocation: /a?\xC3\xA9\r\nContent-Length: 0\r\n\r\n",
         "302 [] location=/a?\xC3\xA9 reusable"},
        {"HTTP/1.1 302 Found\r\nlocation:\t /a b \r\nContent-Length: 0\r\n\r\n", "302 [] location=/a b reusable"},
        {"HTTP/1.1 302 Found\r\nLocation:\r\nContent-Length: 0\r\n\r\n", "302 [] reusable"},
        {"HTTP/1.1 200 OK\r\nX.!#$%&'*+-.^_`|~9: \xFF\t(\r\nContent-Length: 3\r\n\r\nabc", "200 [abc] reusable"},
    });
}

} // namespace
} // namespace dialhook::net
