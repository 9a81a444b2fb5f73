#include "decisions/ring.hpp"

#include <algorithm>
#include <cstring>

namespace dialhook::dispatch {
namespace {

constexpr std::size_t max_words = sizeof(DecisionRecord) / sizeof(std::uint64_t);
static_assert(sizeof(DecisionRecord) % sizeof(std::uint64_t) == 0);

} // namespace

DecisionRing::DecisionRing()
    : words_(std::make_unique_for_overwrite<std::uint64_t[]>(capacity))
{
}

bool DecisionRing::add(DecisionRecord& record)
{
    const std::uint64_t position = end_.load(std::memory_order_relaxed);
    const std::uint64_t end = position + record.words_;
    const std::uint64_t logged = logged_.load(std::memory_order_relaxed) + (record.is_logged_ ? 1 : 0);
    record.number_ = added_.load(std::memory_order_relaxed) + 1;
    record.logged_ = logged;

    claimed_.store(end, std::memory_order_relaxed); // each store of a word releases it
    const char* bytes = reinterpret_cast<const char*>(&record);
    for (std::uint64_t place = position; place != end; ++place, bytes += sizeof(std::uint64_t)) {
        std::uint64_t value = 0;
        std::memcpy(&value, bytes, sizeof value);
        word(place).store(value, std::memory_order_release);
    }
    starts_[record.number_ % indexed].store(position, std::memory_order_release);
    added_.store(record.number_, std::memory_order_release);
    end_.store(end, std::memory_order_release);
    // Sequentially consistent: a thread that then finds the log awake knows that it will see this.
    if (record.is_logged_)
        logged_.store(logged, std::memory_order_seq_cst);
    return end - fetched_.load(std::memory_order_relaxed) >= piece;
}

bool DecisionRing::read(std::uint64_t position, DecisionRecord& record) const
{
    const std::uint64_t first = word(position).load(std::memory_order_acquire);
    std::memcpy(static_cast<void*>(&record), &first, sizeof first);
    if (record.words_ == 0 || record.words_ > max_words)
        return false;
    char* bytes = reinterpret_cast<char*>(&record);
    for (std::uint64_t left = record.words_; left > 1; --left) {
        const std::uint64_t value = word(++position).load(std::memory_order_acquire);
        std::memcpy(bytes += sizeof value, &value, sizeof value);
    }
    return claimed_.load(std::memory_order_relaxed) - (position + 1 - record.words_) <= capacity;
}

std::uint64_t DecisionRing::oldest_within(std::size_t distance) const
{
    const std::uint64_t last = latest();
    const std::uint64_t newest = start_of(last);
    for (std::uint64_t number = last > indexed ? last - indexed + 1 : 1; number < last; ++number) {
        const std::uint64_t start = start_of(number);
        const bool is_replaced = start > newest; // the ring's thread went on, and has used the place for a newer record
        if (!is_replaced && claimed_.load(std::memory_order_relaxed) - start <= distance)
            return start;
    }
    return newest;
}

} // namespace dialhook::dispatch
