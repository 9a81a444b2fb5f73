#pragma once

#include "net/dns_channel.hpp"

#include <dialhook/net/gate.hpp>
#include <dialhook/net/resolver.hpp>

#include <boost/intrusive/list.hpp>

#include <array>
#include <memory>
#include <optional>
#include <string>

namespace dialhook::net {

/// What one thread knows of one name, and who waits to know more.
class KnownName : public std::enable_shared_from_this<KnownName>
{
public:
    KnownName(std::string host, TimerWheel& wheel);

    bool is_fresh(TimePoint now) const { return now < fresh_until_; }

    /// Whether the last known addresses may still serve as the last resort.
    bool is_usable(TimePoint now) const;

    /// Whether callers wait for an answer at present.
    bool is_asking() const { return asking_; }

    bool failed_last_time() const { return failed_; }

    /// A caller did not want to wait any longer: until DNS answers again, others wait less.
    void lose_patience() { failed_ = true; }

    const Addresses& addresses() const { return addresses_; }

    /// Starts the questions for both families.
    void ask(DnsChannel& channel);

    /// Asks again what a closed channel left open.
    void ask_elsewhere(DnsChannel& channel);

    /// What a caller gets who has waited: addresses, fresh or old, or why there are none.
    Result<Addresses> outcome(TimePoint now) const;

    /// One caller that waits; its gate opens when the questions are settled.
    struct Waiter : boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>
    {
        explicit Waiter(KnownName& name);

        Gate gate;
    };

private:
    void ask(DnsChannel& channel, Family family);
    void answered(Family family, DnsAnswer answer);
    bool has_addresses(Family family) const;
    void keep_late(const DnsAnswer& answer);
    void settle();
    void wake_waiters();

    std::string host_;
    TimerWheel& wheel_;

    bool asking_ = false;
    unsigned round_ = 0; ///< tells a late answer of an earlier round from one of this
    std::array<std::optional<DnsAnswer>, 2> answers_;
    /// Each leaves it at its end, without a search: thousands may wait, and give up in one moment.
    boost::intrusive::list<Waiter, boost::intrusive::constant_time_size<false>> waiters_;

    Addresses addresses_; ///< the last ones that DNS gave
    TimePoint fresh_until_{};
    bool failed_ = false;
    Failure failure_{FailureKind::dns, {}};

    struct OtherFamilyTimer final : TimerWheel::Timer
    {
        explicit OtherFamilyTimer(KnownName& owner)
            : name(owner)
        {
        }
        void expired() override { name.settle(); }
        KnownName& name;
    };
    OtherFamilyTimer other_family_;
};

} // namespace dialhook::net
