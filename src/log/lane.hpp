#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace dialhook::log {

/// A bounded queue of byte strings between two threads: one puts in ("the producer"), one takes out ("the consumer").
/// Neither waits for the other. An entry lies in one piece, behind eight bytes that hold its length; where the ring's
/// end is too near for that, a filler takes up the rest.
// NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding): each side has a cache line of its own
class Lane
{
public:
    /// About 4,000 records of ten fields: 80 ms of the busiest daemon, should the writer have to wait for a processor.
    static constexpr std::size_t default_capacity = std::size_t{1024} * 1024;

    /// `capacity` is a power of two. `owner` is for whoever keeps several lanes apart.
    explicit Lane(std::uint64_t owner, std::size_t capacity = default_capacity);

    std::uint64_t owner() const { return owner_; }

    /// The longest entry that an empty lane takes, wherever in the ring it begins.
    std::size_t longest() const { return capacity_ / 2 - prefix; }

    // --- The producer.

    /// Room for an entry of `size` bytes, to be filled before `publish`; null, and counted, if there is none now.
    unsigned char* reserve(std::size_t size);

    /// Hands over what was reserved. Sequentially consistent, so that a producer which then finds the consumer awake
    /// knows that it will see the entry (doorbell.hpp).
    void publish() { head_.store(reserved_, std::memory_order_seq_cst); }

    /// Whether a piece is taken that is worth the consumer's coming, a 32nd of the lane: a hundred records, a tenth of
    /// a millisecond's work. Calls on the same core wait no longer than that for it.
    bool filling_up();

    /// Nothing will come any more.
    void end() { ended_.store(true, std::memory_order_release); }

    // --- The consumer.

    /// The place behind the last entry, as of now.
    std::uint64_t head() const { return head_.load(std::memory_order_seq_cst); }

    /// The oldest entry in front of `head`; no data if there is none.
    std::span<const unsigned char> front(std::uint64_t head);

    /// Gives back the room of the entry that `front` showed.
    void pop();

    bool empty() const { return head() == tail_.load(std::memory_order_relaxed); }

    /// If true, `empty` is final.
    bool ended() const { return ended_.load(std::memory_order_acquire); }

    // --- Any thread.

    std::uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

private:
    static constexpr std::size_t prefix = 8;
    static constexpr std::size_t cache_line = 64;

    std::size_t place_of(std::uint64_t position) const { return static_cast<std::size_t>(position) & (capacity_ - 1); }
    bool is_piece_beyond(std::uint64_t tail) const { return reserved_ - tail >= capacity_ / 32; }

    const std::uint64_t owner_;
    const std::size_t capacity_;
    const std::unique_ptr<unsigned char[]> bytes_;

    // Positions count bytes since the start and never wrap; they are multiples of `prefix`.
    alignas(cache_line) std::atomic<std::uint64_t> head_ = 0;
    std::uint64_t reserved_ = 0;   // the producer's own
    std::uint64_t known_tail_ = 0; // looked up again only when the lane seems full, or a piece of it taken
    std::atomic<std::uint64_t> dropped_ = 0;
    std::atomic<bool> ended_ = false;

    alignas(cache_line) std::atomic<std::uint64_t> tail_ = 0;
};

} // namespace dialhook::log
