#pragma once

#include "call/decision.hpp"
#include "config/configuration.hpp"
#include "dialplan/key.hpp"
#include "dispatch/dispatcher.hpp"
#include "log/level.hpp"
#include "net/http/timing.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>

namespace dialhook::dispatch {

/// A call that was routed.
struct RoutedCall
{
    const Call& call;
    std::string_view dialplan;    ///< key of the dialplan; empty: a webhook alone was asked for
    std::string_view webhook;     ///< empty: the dialplan has none
    std::string_view callername;  ///< that the recipient of the call sees
    const DispatchResult* result; ///< null: the dialplan has no webhook
};

/// Returns the level of a decision's line: a web server's no and a silent caller are daily business; that no web server
/// could be asked is not.
log::Level level_of(std::optional<Reason> reason);

/// What is kept of a decision, for the log and the status page: plain bytes, so that it goes through a
/// ring without a lock. A code, a URL, a header or a body is in none.
class DecisionRecord
{
public:
    enum Text : unsigned char
    {
        call_id,
        dialplan,
        webhook, ///< empty: the dialplan has none, and nothing that came of one is known
        did,
        callerid,
        callername,  ///< that the recipient of the call sees
        destination, ///< of several, all that fit, with commas between them
        detail,
        text_count
    };

    /// So many bytes of each text are kept: as many as a call may have, and of `detail` more than any sentence has.
    static constexpr std::array<std::uint16_t, text_count> longest{
        CallText::max_bytes, dialplan::max_key,     64,  Did::max_bytes,
        CallText::max_bytes, CallerName::max_bytes, 256, 1024};

    /// Leaves all of it unset: for DecisionRing::read.
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init)
    DecisionRecord() = default;

    /// `is_logged`: the log gets a line of it; `is_masked`: without numbers and names.
    DecisionRecord(const RoutedCall& routed, bool is_logged, bool is_masked);

    std::uint64_t number() const { return number_; }
    std::chrono::system_clock::time_point at() const
    {
        return std::chrono::system_clock::time_point(std::chrono::nanoseconds(at_ns_));
    }
    std::string_view text(Text which) const;
    std::string_view first_destination() const;
    std::string_view destinations() const; ///< empty: there is one at most

    bool is_dispatched() const { return is_dispatched_; }
    bool is_logged() const { return is_logged_; }
    bool is_masked() const { return is_masked_; }

    std::optional<Reason> reason() const { return known<Reason>(reason_); }
    Branch branch() const { return reason_ == none ? Branch::success : Branch::failure; }
    std::optional<Status> status() const { return known<Status>(status_); }
    std::optional<int> http_status() const
    {
        return http_status_ == 0 ? std::nullopt : std::optional<int>(http_status_);
    }
    Source source() const { return source_; }
    unsigned retries() const { return retries_; }
    unsigned redirects() const { return redirects_; }
    net::Timing::Duration elapsed() const { return elapsed_; }
    const net::Timing& timing() const { return timing_; }
    const Trace& trace() const { return trace_; }

private:
    friend class DecisionRing;
    friend class DecisionFeed;

    static constexpr std::uint8_t none = 0xFF;
    static constexpr std::size_t max_texts = [] {
        std::size_t sum = 0;
        for (const auto each : longest)
            sum += each;
        return sum;
    }();

    template <class Enum>
    static std::optional<Enum> known(std::uint8_t value)
    {
        return value == none ? std::nullopt : std::optional<Enum>(static_cast<Enum>(value));
    }

    // In the ring are as many words of this as there are texts.
    std::uint32_t words_;
    std::uint32_t retries_;
    std::uint64_t number_; // of its ring, from 1
    std::uint64_t logged_; // of its ring up to here, those with `is_logged_`
    std::int64_t at_ns_;   // since 1970
    net::Timing::Duration elapsed_;
    net::Timing timing_;
    Trace trace_;
    std::uint32_t redirects_;
    std::uint16_t http_status_; // 0: none
    std::uint8_t reason_;
    std::uint8_t status_;
    Source source_;
    bool is_dispatched_;
    bool is_logged_;
    bool is_masked_;
    std::array<std::uint16_t, text_count> sizes_;
    alignas(8) std::array<char, (max_texts + 7) / 8 * 8> texts_; // one directly after the other
};

static_assert(std::is_trivially_copyable_v<DecisionRecord>);

} // namespace dialhook::dispatch
