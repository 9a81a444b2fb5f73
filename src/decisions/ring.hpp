#pragma once

#include "decisions/record.hpp"
#include "log/feed.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

namespace dialhook::dispatch {

/// The last decisions of one thread, about 4,000 of the usual length. That thread adds to them without waiting for
/// anybody, by stores alone; any thread reads them, and misses those that are overwritten meanwhile.
///
/// A record is written in words, with what is claimed and what is written counted before and after, so a reader who
/// comes too late notices it ("seqlock": each store releases and each load acquires, which costs nothing on x86 and
/// takes no barrier on arm64).
class DecisionRing
{
public:
    static constexpr std::size_t recent = 512; ///< `each` visits at most so many

    DecisionRing();

    /// Adds a record, on the ring's thread. Returns whether the log should come for what it has not fetched yet.
    bool add(DecisionRecord& record);

    /// Returns how many were added.
    std::uint64_t latest() const { return added_.load(std::memory_order_acquire); }

    /// Calls `visit` with each record that has a number above `after` and is still there, the oldest first. Returns
    /// the number up to which it looked.
    template <class Visit>
    std::uint64_t each(std::uint64_t after, Visit visit) const
    {
        const std::uint64_t last = latest();
        const std::uint64_t oldest = last > recent ? last - recent : 0;
        DecisionRecord record;
        for (std::uint64_t number = std::max(after, oldest) + 1; number <= last; ++number)
            if (read(start_of(number), record) && record.number() == number)
                visit(record);
        return last;
    }

private:
    friend class DecisionFeed;

    /// 1 MiB: 80 ms of the busiest daemon, should the log have to wait for a processor.
    static constexpr std::size_t capacity = std::size_t{128} * 1024;
    /// A 32nd is worth the log's coming, a hundred records, a tenth of a millisecond's work: calls on the same core
    /// wait no longer than that for it.
    static constexpr std::size_t piece = capacity / 32;
    static constexpr std::size_t indexed = 4096; // so many are found by their numbers
    /// The oldest words may be overwritten while somebody begins to read them.
    static constexpr std::size_t margin = 2 * sizeof(DecisionRecord) / sizeof(std::uint64_t);

    /// Returns whether the record that starts at `position` is in `record` now; false: it was overwritten.
    bool read(std::uint64_t position, DecisionRecord& record) const;
    std::uint64_t start_of(std::uint64_t number) const
    {
        return starts_[number % indexed].load(std::memory_order_acquire);
    }
    /// Returns the start of the oldest record after which at most `distance` words were claimed. At least one was
    /// added.
    std::uint64_t oldest_within(std::size_t distance) const;

    std::atomic_ref<std::uint64_t> word(std::uint64_t position) const
    {
        return std::atomic_ref<std::uint64_t>(words_[position % capacity]);
    }

    // Positions count words since the start and never wrap.
    const std::unique_ptr<std::uint64_t[]> words_; // untouched, so without memory, until it is written
    std::atomic<std::uint64_t> claimed_{0};        // what lies before it by more than `capacity` is overwritten
    std::atomic<std::uint64_t> end_{0};            // of the last record
    std::atomic<std::uint64_t> logged_{0};         // records that the log gets
    std::atomic<std::uint64_t> added_{0};
    std::array<std::atomic<std::uint64_t>, indexed> starts_{};

    alignas(64) std::atomic<std::uint64_t> fetched_{0}; // up to here, by the log
};

/// The log's lines for the records of a ring.
class DecisionFeed final : public log::Feed
{
public:
    explicit DecisionFeed(std::shared_ptr<DecisionRing> ring)
        : ring_(std::move(ring))
    {
    }

    void begin() override;
    std::optional<log::Time> next() override;
    void take(const std::function<void(const log::Record&)>& put) override;
    bool is_empty() const override;

    /// Also while the log is stuck in a write and fetches nothing.
    std::uint64_t dropped() const override;

private:
    void move_past_record(std::uint64_t start);

    const std::shared_ptr<DecisionRing> ring_;
    std::uint64_t end_ = 0; // of the turn
    bool has_record_ = false;
    DecisionRecord record_;
    std::atomic<std::uint64_t> position_{0}; // after the record that was read last
    std::atomic<std::uint64_t> seen_{0};     // of the records before `position_`, those for the log
    std::atomic<std::uint64_t> taken_{0};    // `seen_` without the record that is held
    mutable std::mutex mutex_;               // for steps of `position_` over records that were lost
    std::uint64_t dropped_ = 0;
};

} // namespace dialhook::dispatch
