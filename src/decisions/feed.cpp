#include "decisions/ring.hpp"

#include <boost/container/static_vector.hpp>

namespace dialhook::dispatch {
namespace {

using Record = DecisionRecord;

/// The fields of one line; those without a value are left out.
using Fields = boost::container::static_vector<log::Field, 29>;

void add_text(Fields& fields, log::Key key, std::string_view text)
{
    if (!text.empty())
        fields.push_back({key, text});
}

double milliseconds(std::chrono::steady_clock::duration duration)
{
    return std::chrono::duration<double, std::milli>(duration).count();
}

/// Adds those that happened: on a connection that was open before, there is no `connect`.
void add_phases(Fields& fields, const net::Timing& timing)
{
    constexpr std::array<log::Key, net::phase_names.size()> keys{"dns_ms",  "connect_ms", "tls_ms",
                                                                 "send_ms", "wait_ms",    "read_ms"};
    for (std::size_t phase = 0; phase < keys.size(); ++phase)
        if (const auto spent = timing[static_cast<net::Phase>(phase)]; spent.count() != 0)
            fields.push_back({keys[phase], log::Decimal{milliseconds(spent), 1}});
}

void add_outcome(Fields& fields, const Record& record)
{
    fields.push_back({"branch", to_string(record.branch())});
    if (record.reason())
        fields.push_back({"reason", to_string(*record.reason())});
    if (record.status())
        fields.push_back({"status", to_string(*record.status())});
    if (record.http_status())
        fields.push_back({"http_status", *record.http_status()});
}

} // namespace

void DecisionFeed::begin()
{
    end_ = ring_->end_.load(std::memory_order_acquire);
}

std::optional<log::Time> DecisionFeed::next()
{
    // Half of the ring is skipped at once: the ring's thread takes a while to overwrite the other half.
    constexpr std::size_t safe = DecisionRing::capacity / 2;
    std::uint64_t position = position_.load(std::memory_order_relaxed);
    while (!has_record_) {
        if (position >= end_) {
            ring_->fetched_.store(position, std::memory_order_relaxed);
            return std::nullopt;
        }
        if (!ring_->read(position, record_)) {
            position = ring_->oldest_within(safe);
            continue;
        }
        has_record_ = record_.is_logged();
        move_past_record(position);
        position = position_.load(std::memory_order_relaxed);
    }
    return record_.at();
}

void DecisionFeed::move_past_record(std::uint64_t start)
{
    const std::uint64_t seen = record_.logged_;
    const std::uint64_t before = seen - (has_record_ ? 1 : 0);
    const std::uint64_t dropped = before - seen_.load(std::memory_order_relaxed);
    const auto move = [&] {
        seen_.store(seen, std::memory_order_relaxed);
        position_.store(start + record_.words_, std::memory_order_release);
        taken_.store(before, std::memory_order_relaxed);
    };
    if (dropped == 0)
        return move();
    const std::lock_guard lock(mutex_);
    dropped_ += dropped;
    move();
}

std::uint64_t DecisionFeed::dropped() const
{
    // Words were claimed before the position is read: it may have gone on since, but was not so far behind then.
    const std::uint64_t claimed = ring_->claimed_.load(std::memory_order_acquire);
    const std::lock_guard lock(mutex_);
    if (claimed <= position_.load(std::memory_order_acquire) + DecisionRing::capacity)
        return dropped_;
    DecisionRecord oldest;
    while (!ring_->read(ring_->oldest_within(DecisionRing::capacity - DecisionRing::margin), oldest)) {
    }
    const std::uint64_t before = oldest.logged_ - (oldest.is_logged() ? 1 : 0);
    const std::uint64_t seen = seen_.load(std::memory_order_relaxed);
    return dropped_ + (before > seen ? before - seen : 0);
}

void DecisionFeed::take(const std::function<void(const log::Record&)>& put)
{
    const auto masked_text = [this](std::string_view text) {
        return record_.is_masked() && !text.empty() ? "***" : text;
    };
    const auto masked = [&](Record::Text which) { return masked_text(record_.text(which)); };
    const Trace& trace = record_.trace();
    const auto trace_text = trace_id(trace);
    Fields fields;
    add_text(fields, "call_id", record_.text(Record::call_id));
    if (trace.is_known())
        fields.push_back({"trace_id", std::string_view(trace_text.data(), trace_text.size())});
    add_text(fields, "dialplan", masked(Record::dialplan));
    add_text(fields, "webhook", record_.text(Record::webhook));
    fields.push_back({"did", masked(Record::did)});
    add_text(fields, "callerid", masked(Record::callerid));
    add_text(fields, "callername", masked(Record::callername));
    if (record_.is_dispatched()) {
        add_outcome(fields, record_);
        add_text(fields, "destination", masked_text(record_.first_destination()));
        add_text(fields, "destinations", masked_text(record_.destinations()));
        if (record_.redirects() != 0)
            fields.push_back({"redirects", record_.redirects()});
        if (record_.retries() != 0)
            fields.push_back({"retries", record_.retries()});
        if (record_.source() > Source::url)
            fields.push_back({"source", to_string(record_.source())});
        fields.push_back({"elapsed_ms", log::Decimal{milliseconds(record_.elapsed()), 1}});
        add_phases(fields, record_.timing());
        add_text(fields, "detail", record_.text(Record::detail));
    }
    put({record_.at(), level_of(record_.reason()), "decision", fields});
    has_record_ = false;
    taken_.store(record_.logged_, std::memory_order_relaxed);
}

bool DecisionFeed::is_empty() const
{
    return taken_.load(std::memory_order_relaxed) == ring_->logged_.load(std::memory_order_seq_cst);
}

} // namespace dialhook::dispatch
