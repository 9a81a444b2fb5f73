#include "unit/net/reading.hpp"

namespace dialhook::net {
namespace {

using namespace std::string_view_literals;
using State = ResponseReader::State;

std::string head_of(std::size_t size)
{
    const std::string start = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n";
    std::string head = start;
    while (head.size() + 2 < size) {
        const std::size_t left = size - 2 - head.size();
        const std::size_t line = left < 200 ? left : 100;
        head += "X: " + std::string(line - 5, 'x') + "\r\n";
    }
    return head + "\r\n";
}

TEST(ResponseLimits, HeadOfAtMost16KiB)
{
    ASSERT_EQ(head_of(Response::max_head).size(), Response::max_head);
    EXPECT_EQ(read(head_of(Response::max_head) + "abc"), "200 [abc] reusable");
    EXPECT_EQ(read(head_of(Response::max_head + 1) + "abc"), "refused: the head is longer than 16 KiB");
    EXPECT_EQ(read(head_of(100'000) + "abc"), "refused: the head is longer than 16 KiB");
    EXPECT_EQ(read("HTTP/1.1 200 " + std::string(20'000, 'x')), "refused: the head is longer than 16 KiB");
    EXPECT_EQ(read("HTTP/1.1 200 OK\r\nX: " + std::string(20'000, 'x')), "refused: the head is longer than 16 KiB");
}

/// However the portions fall, also when each ends just behind the first byte of a line.
TEST(ResponseLimits, HeadIsLimitedWhateverThePortions)
{
    ResponseReader reader;
    std::size_t fed = 0;
    State state = reader.feed("HTTP/1.1 200 OK\r\nA");
    for (; state == State::more && fed < 1'000'000; fed += 8)
        state = reader.feed(": bcde\r\nA");
    EXPECT_EQ(state, State::refused);
    EXPECT_LE(fed, 2 * Response::max_head);

    std::string interims = head_of(Response::max_head - 100);
    interims.replace(interims.find("200"), 3, "100");
    EXPECT_EQ(read(interims + head_of(Response::max_head) + "abc"), "200 [abc] reusable")
        << "each head counts for itself";
}

/// A web server that never ends a chunk's line, or its trailers, takes no memory.
TEST(ResponseLimits, LinesWithinAChunkedBodyAreLimited)
{
    for (const std::string_view start : {"a;x=", "0;x=", "0\r\nX: ", "a\r\nstatus=ACK\r\n0\r\nX: "}) {
        ResponseReader reader;
        State state = reader.feed("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        ASSERT_EQ(state, State::more);
        state = reader.feed(start);
        const std::string portion(2048, 'x');
        std::size_t fed = 0;
        for (; state == State::more && fed < 1'000'000; fed += portion.size())
            state = reader.feed(portion);
        EXPECT_EQ(state, State::refused) << start;
        EXPECT_LE(fed, 2 * Response::max_head) << start;
    }
}

TEST(ResponseLimits, BodyOfAtMost64KiB)
{
    const std::string most(Response::max_body, 'a');
    const std::string length = "HTTP/1.1 200 OK\r\nContent-Length: ";
    EXPECT_EQ(read(length + "65536\r\n\r\n" + most), "200 [" + most + "] reusable");
    EXPECT_EQ(read(length + "65537\r\n\r\n" + most + "a"), "200 [] too long");
    EXPECT_EQ(read(length + "18446744073709551615\r\n\r\n" + most + most), "200 [] too long");
    EXPECT_EQ(read("HTTP/1.1 500 x\r\n\r\n" + most, Then::closes), "500 [" + most + "]");
    EXPECT_EQ(read("HTTP/1.1 500 x\r\n\r\n" + most + "a", Then::closes), "500 [] too long");
    const std::string chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    EXPECT_EQ(read(chunked + "8000\r\n" + std::string(0x8000, 'a') + "\r\n8000\r\n" + std::string(0x8000, 'a') +
                   "\r\n0\r\n\r\n"),
              "200 [" + most + "] reusable");
    EXPECT_EQ(read(chunked + "10000\r\n" + most + "\r\n1\r\na\r\n0\r\n\r\n"), "200 [] too long");
    EXPECT_EQ(read(chunked + "ffffffffffffffff\r\n" + most + "a"), "200 [] too long");
}

TEST(ResponseLimits, ResetForgetsEverything)
{
    const std::string_view firsts[] = {
        "",
        "HTTP/1.1 2",
        "HTTP/1.1 302 Found\r\nLocation: /a\r\nConte",
        "HTTP/1.1 302 Found\r\nLocation: /a\r\nContent-Encoding: gzip\r\nContent-Length: 10\r\nConnection: "
        "close\r\n\r\nabc",
        "HTTP/1.1 302 Found\r\nLocation: /a\r\nContent-Length: 3\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX:",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nabc",
        "HTTP/1.1 100 Continue\r\n\r\n",
        "HTTP/1.1 101 x\r\n\r\n",
        "nonsense that is no HTTP",
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcd",
    };
    ResponseReader reader;
    for (const std::string_view first : firsts) {
        reader.feed(first);
        reader.reset();
        EXPECT_EQ(reader.response().status, 0);
        EXPECT_EQ(reader.response().body, "");
        EXPECT_EQ(reader.fault(), "");
        EXPECT_FALSE(reader.leaves_connection_usable());
        EXPECT_EQ(read(reader, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\ndef", {}, Then::stays_open),
                  "200 [def] reusable")
            << first;
        reader.reset();
    }
    const std::string too_long(Response::max_body + 1, 'a');
    EXPECT_EQ(read(reader, "HTTP/1.1 200 OK\r\n\r\n" + too_long, {}, Then::stays_open), "200 [] too long");
    reader.reset();
    EXPECT_EQ(read(reader, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\ndef", {}, Then::stays_open),
              "200 [def] reusable");
}

/// A fault in a head may be noticed only when that head is whole.
bool is_same(const std::string& left, const std::string& right)
{
    return without_overrun(left) == without_overrun(right) || (left == "more" && right.starts_with("refused")) ||
           (right == "more" && left.starts_with("refused"));
}

/// Mutated responses in three ways of portions: the same outcome, and no sanitizer complains.
TEST(ResponseLimits, PortionsNeverMatter)
{
    const std::string seeds[] = {
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\nX: y\r\n\r\nstatus=ACK",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7;a=\"b\"\r\nstatus=\r\n3\r\nACK\r\n0\r\nX: y\r\n\r\n",
        "HTTP/1.1 100 Continue\r\nA: b\r\n\r\nHTTP/1.0 302 Found\r\nLocation: /a\r\n b\r\nConnection: "
        "keep-alive\r\n\r\nbody",
        "HTTP/1.1 204\r\nContent-Length: 3, 3\r\nContent-Encoding: gzip\r\n\r\n",
        "HTTP/1.1 200 OK\nTransfer-Encoding: identity\nContent-Length: 3\n\nabcHTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA B: c\r\nd\r\nTransfer-Encoding: identity, chunked\r\n\r\n3 \r\nabc\r\n0 \n\n",
    };
    constexpr std::string_view bytes = "\r\n\r\n\r\n :;,=\"\\0123456789aAfFxHTP/.\0\x01\x7F\xFF"sv;
    std::mt19937 random(20240229); // NOLINT(cert-msc32-c,cert-msc51-cpp): the same texts in each run
    ResponseReader reader;
    for (int count = 0; count < 20'000; ++count) {
        std::string text = seeds[random() % std::size(seeds)];
        for (std::size_t changes = 1 + random() % 3; changes > 0; --changes) {
            const std::size_t place = random() % text.size();
            switch (random() % 3) {
            case 0:
                text[place] = bytes[random() % bytes.size()];
                break;
            case 1:
                text.insert(place, 1, bytes[random() % bytes.size()]);
                break;
            default:
                text.erase(place, random() % 4);
            }
        }
        const Then then = random() % 2 == 0 ? Then::closes : Then::stays_open;
        std::vector<std::size_t> cuts;
        for (std::size_t cut = random() % 20; cut < text.size(); cut += 1 + random() % 20)
            cuts.push_back(cut);
        reader.reset();
        const std::string whole = read(reader, text, {}, then);
        reader.reset();
        const std::string in_portions = read(reader, text, cuts, then);
        reader.reset();
        const std::string byte_by_byte = read(reader, text, every(1, text.size()), then);
        ASSERT_PRED2(is_same, in_portions, whole) << testing::PrintToString(text) << testing::PrintToString(cuts);
        ASSERT_PRED2(is_same, byte_by_byte, whole) << testing::PrintToString(text);
    }
}

} // namespace
} // namespace dialhook::net
