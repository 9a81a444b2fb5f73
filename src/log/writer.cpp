#include "writer.hpp"

#include "encoding.hpp"
#include "thread_lanes.hpp"

#include <algorithm>
#include <exception>
#include <string>

namespace dialhook::log {
namespace {

constexpr std::chrono::milliseconds between_looks{25};

/// Never used twice: a thread may still keep a lane of a log that is gone.
std::uint64_t next_id()
{
    static std::atomic<std::uint64_t> last = 0;
    return ++last;
}

} // namespace

Writer::Writer(Format format, int fd)
    : id_(next_id())
    , output_(format, fd, abandoned_)
{
}

Lane* Writer::lane() noexcept
{
    if (auto* const lane = this_threads_lane(id_))
        return lane;
    try {
        add_lane_of_this_thread();
    } catch (const std::exception&) {
        // No memory for a lane: the caller counts the record as dropped.
    }
    return this_threads_lane(id_);
}

void Writer::add_lane_of_this_thread()
{
    auto lane = std::make_shared<Lane>(id_);
    const std::lock_guard lock(lanes_mutex_);
    lanes_.push_back(lane);
    try {
        if (keep_for_this_thread(std::move(lane)))
            return;
    } catch (const std::exception&) {
        lanes_.pop_back();
        throw;
    }
    lanes_.pop_back();
}

void Writer::published(Lane& lane) noexcept
{
    const auto state = bell_.state();
    if (state == Doorbell::asleep || (state == Doorbell::dozing && lane.filling_up()))
        bell_.ring();
}

void Writer::run()
{
    while (true) {
        const bool last = stopping_;
        const bool worked = turn();
        if (last || abandoned_)
            break;
        rest(worked);
    }
    const std::lock_guard lock(through_mutex_);
    through_ = true;
    through_changed_.notify_all();
}

bool Writer::stop(std::chrono::milliseconds limit)
{
    stopping_ = true;
    bell_.ring();

    std::unique_lock lock(through_mutex_);
    if (!through_changed_.wait_for(lock, limit, [this] { return through_; }))
        abandoned_ = true;
    return through_;
}

/// After a turn that found records more are likely to come: the writer dozes, and they need not ring.
void Writer::rest(bool worked)
{
    const auto state = worked ? Doorbell::dozing : Doorbell::asleep;
    bell_.announce(state);
    if (!stopping_ && (worked || nothing_to_do()))
        bell_.rest(state, between_looks);
    bell_.announce(Doorbell::awake);
    wakeups_.fetch_add(1, std::memory_order_relaxed);
}

bool Writer::turn()
{
    look_at_lanes();
    bool worked = false;
    for (auto* next = oldest(); next != nullptr && !abandoned_; next = oldest()) {
        output_.put(decode(next->front, fields_));
        next->lane->pop();
        next->front = next->lane->front(next->head);
        worked = true;
    }
    if (worked)
        report_drops();
    forget_ended_lanes();
    return worked;
}

void Writer::look_at_lanes()
{
    readings_.clear();
    const std::lock_guard lock(lanes_mutex_);
    for (const auto& lane : lanes_) {
        const bool ended = lane->ended();
        const auto head = lane->head();
        readings_.push_back({lane.get(), head, ended, lane->front(head)});
    }
}

/// By time, so that the lines of several threads come out in order.
Writer::Reading* Writer::oldest()
{
    Reading* result = nullptr;
    for (auto& reading : readings_) {
        if (reading.front.empty())
            continue;
        if (result == nullptr || encoded_time(reading.front) < encoded_time(result->front))
            result = &reading;
    }
    return result;
}

/// Only in a turn that wrote records: an output that fails must not keep the writer busy with its own report.
void Writer::report_drops()
{
    output_.flush();
    refused_ += output_.take_lost();
    const auto lost = dropped();
    if (lost == reported_)
        return;

    const auto message = std::to_string(lost - reported_) + " log records were dropped";
    output_.put({std::chrono::system_clock::now(), Level::warning, message, {}});
    output_.flush();
    if (output_.take_lost() == 0)
        reported_ = lost;
}

void Writer::forget_ended_lanes()
{
    const auto is_done = [](const Reading& reading) { return reading.ended && reading.lane->empty(); };
    if (std::none_of(readings_.begin(), readings_.end(), is_done))
        return;

    const std::lock_guard lock(lanes_mutex_);
    std::erase_if(lanes_, [&](const auto& lane) {
        if (!lane->ended() || !lane->empty())
            return false;
        dropped_by_ended_lanes_ += lane->dropped();
        return true;
    });
}

bool Writer::nothing_to_do()
{
    const std::lock_guard lock(lanes_mutex_);
    return std::all_of(lanes_.begin(), lanes_.end(), [](const auto& lane) { return lane->empty(); });
}

std::uint64_t Writer::dropped() const
{
    const std::lock_guard lock(lanes_mutex_);
    auto count = dropped_by_ended_lanes_ + without_lane_ + refused_;
    for (const auto& lane : lanes_)
        count += lane->dropped();
    return count;
}

} // namespace dialhook::log
