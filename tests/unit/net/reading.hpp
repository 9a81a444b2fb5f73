#pragma once

#include "net/http/response_reader.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

/// Responses fed in all kinds of portions, and their outcome in one line.
namespace dialhook::net {

inline constexpr std::string_view overrun = " overrun";

/// What came after the declared end is noticed only where it came in one portion with it.
inline std::string without_overrun(std::string text)
{
    const auto at = text.find(overrun);
    return at == std::string::npos ? text : text.erase(at, overrun.size());
}

/// `status [body] …`, `more`, or `refused: why`.
inline std::string shown(const ResponseReader& reader, ResponseReader::State state, bool is_all_read)
{
    if (state == ResponseReader::State::more)
        return "more";
    if (state == ResponseReader::State::refused)
        return "refused: " + reader.fault();
    const Response& response = reader.response();
    std::string text = std::to_string(response.status) + " [" + response.body + "]";
    if (!response.location.empty())
        text += " location=" + response.location;
    text += response.body_is_coded ? " coded" : "";
    text += response.length_is_wrong ? overrun : "";
    text += response.body_too_long ? " too long" : "";
    return text + (is_all_read && reader.leaves_connection_usable() ? " reusable" : "");
}

enum class Then
{
    stays_open,
    closes
};

/// Feeds `bytes` in portions that end at `cuts`.
inline std::string read(ResponseReader& reader, std::string_view bytes, const std::vector<std::size_t>& cuts, Then then)
{
    ResponseReader::State state = ResponseReader::State::more;
    std::size_t start = 0;
    for (std::size_t index = 0; index <= cuts.size() && state == ResponseReader::State::more; ++index) {
        const std::size_t end = index < cuts.size() ? cuts[index] : bytes.size();
        // In memory of its own, so that a sanitizer sees when the reader keeps a view of it.
        const std::string portion(bytes.substr(start, end - start));
        state = reader.feed(portion);
        start = end;
    }
    if (state == ResponseReader::State::more && then == Then::closes)
        state = reader.feed_end();
    return shown(reader, state, start == bytes.size());
}

inline std::vector<std::size_t> every(std::size_t step, std::size_t size)
{
    std::vector<std::size_t> cuts;
    for (std::size_t cut = step; cut < size; cut += step)
        cuts.push_back(cut);
    return cuts;
}

/// Whatever the portions, the result is one: whole, byte by byte, cut in two at each place, and a few at random.
inline std::string read(std::string_view bytes, Then then = Then::stays_open)
{
    ResponseReader whole;
    const std::string expected = read(whole, bytes, {}, then);
    ResponseReader reader;
    const auto expect_same = [&](const std::vector<std::size_t>& cuts) {
        reader.reset();
        EXPECT_EQ(without_overrun(read(reader, bytes, cuts, then)), without_overrun(expected))
            << testing::PrintToString(bytes.substr(0, 1000)) << " cut at "
            << testing::PrintToString(cuts).substr(0, 100);
    };
    expect_same(every(1, bytes.size()));
    if (bytes.size() < 2000)
        for (std::size_t cut = 0; cut <= bytes.size(); ++cut)
            expect_same({cut});
    for (const std::size_t step : {2U, 3U, 7U, 2048U})
        expect_same(every(step, bytes.size()));
    std::mt19937 random(20240229); // NOLINT(cert-msc32-c,cert-msc51-cpp): the same portions in each run
    for (int count = 0; count < 20; ++count) {
        std::vector<std::size_t> cuts;
        for (std::size_t cut = random() % 40; cut < bytes.size(); cut += random() % 40)
            cuts.push_back(cut);
        expect_same(cuts);
    }
    return expected;
}

} // namespace dialhook::net
