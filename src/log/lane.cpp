#include "lane.hpp"

#include <cstring>

namespace dialhook::log {
namespace {

constexpr std::uint64_t filler = std::uint64_t{1} << 63;

void store(unsigned char* place, std::uint64_t word)
{
    std::memcpy(place, &word, sizeof word);
}

std::uint64_t load(const unsigned char* place)
{
    std::uint64_t word = 0;
    std::memcpy(&word, place, sizeof word);
    return word;
}

} // namespace

Lane::Lane(std::uint64_t owner, std::size_t capacity)
    : owner_(owner)
    , capacity_(capacity)
    , bytes_(std::make_unique_for_overwrite<unsigned char[]>(capacity))
{
}

unsigned char* Lane::reserve(std::size_t size)
{
    const auto whole = (prefix + size + prefix - 1) / prefix * prefix;
    const auto head = head_.load(std::memory_order_relaxed);
    const auto place = place_of(head);
    const auto to_end = capacity_ - place;
    const auto skipped = whole > to_end ? to_end : 0;

    const auto fits = [&] { return skipped + whole <= capacity_ - static_cast<std::size_t>(head - known_tail_); };
    if (!fits()) {
        known_tail_ = tail_.load(std::memory_order_acquire);
        if (!fits()) {
            dropped_.store(dropped_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
            return nullptr;
        }
    }

    if (skipped != 0)
        store(&bytes_[place], skipped | filler);
    const auto start = skipped != 0 ? 0 : place;
    store(&bytes_[start], size);
    reserved_ = head + skipped + whole;
    return &bytes_[start + prefix];
}

bool Lane::filling_up()
{
    if (!is_piece_beyond(known_tail_))
        return false;
    known_tail_ = tail_.load(std::memory_order_acquire);
    return is_piece_beyond(known_tail_);
}

std::span<const unsigned char> Lane::front(std::uint64_t head)
{
    auto tail = tail_.load(std::memory_order_relaxed);
    if (tail == head)
        return {};

    auto word = load(&bytes_[place_of(tail)]);
    if ((word & filler) != 0) {
        tail += word & ~filler;
        tail_.store(tail, std::memory_order_release);
        word = load(&bytes_[place_of(tail)]);
    }
    return {&bytes_[place_of(tail) + prefix], static_cast<std::size_t>(word)};
}

void Lane::pop()
{
    const auto tail = tail_.load(std::memory_order_relaxed);
    const auto size = load(&bytes_[place_of(tail)]);
    tail_.store(tail + (prefix + size + prefix - 1) / prefix * prefix, std::memory_order_release);
}

} // namespace dialhook::log
