#include "net/known_name.hpp"

#include <algorithm>

namespace dialhook::net {
namespace {

constexpr std::chrono::milliseconds other_family_patience{50}; // RFC 8305, 3
constexpr std::chrono::hours max_ttl{1};
constexpr std::chrono::hours max_staleness{1}; // RFC 8767

std::size_t index_of(Family family)
{
    return static_cast<std::size_t>(family);
}

} // namespace

KnownName::KnownName(std::string host, TimerWheel& wheel)
    : host_(std::move(host))
    , wheel_(wheel)
    , other_family_(*this)
{
}

bool KnownName::is_usable(TimePoint now) const
{
    return !addresses_.empty() && now < fresh_until_ + max_staleness;
}

void KnownName::ask(DnsChannel& channel)
{
    asking_ = true;
    ++round_;
    answers_ = {};
    ask(channel, Family::v6);
    ask(channel, Family::v4);
}

void KnownName::ask(DnsChannel& channel, Family family)
{
    channel.ask(host_, family, [self = shared_from_this(), family, round = round_](DnsAnswer answer) {
        if (round == self->round_)
            self->answered(family, std::move(answer));
    });
}

void KnownName::ask_elsewhere(DnsChannel& channel)
{
    if (asking_)
        ask(channel);
}

bool KnownName::has_addresses(Family family) const
{
    const auto& answer = answers_[index_of(family)];
    return answer && !answer->addresses.empty();
}

void KnownName::answered(Family family, DnsAnswer answer)
{
    if (!asking_) {
        keep_late(answer);
        return;
    }
    answers_[index_of(family)] = std::move(answer);
    if (answers_[0] && answers_[1])
        settle();
    else if (has_addresses(family))
        wheel_.arm(other_family_, Clock::now() + other_family_patience);
}

/// The slower family came after the callers had gone on: the next ones have it too.
void KnownName::keep_late(const DnsAnswer& answer)
{
    for (const auto& address : answer.addresses)
        if (std::find(addresses_.begin(), addresses_.end(), address) == addresses_.end())
            addresses_.push_back(address);
}

void KnownName::settle()
{
    wheel_.disarm(other_family_);
    asking_ = false;

    Addresses found;
    std::chrono::seconds ttl = max_ttl;
    bool refused = false;
    bool timed_out = false;
    bool not_found = false;
    bool lacks_resources = false;
    for (const auto& answer : answers_) {
        if (!answer)
            continue;
        if (!answer->addresses.empty())
            ttl = std::min(ttl, answer->ttl);
        found.insert(found.end(), answer->addresses.begin(), answer->addresses.end());
        timed_out = timed_out || answer->status == DnsAnswer::Status::timeout;
        not_found = not_found || answer->status == DnsAnswer::Status::not_found;
        lacks_resources = lacks_resources || answer->status == DnsAnswer::Status::resources;
        refused =
            refused || answer->status == DnsAnswer::Status::failed || answer->status == DnsAnswer::Status::dropped;
    }

    const TimePoint now = Clock::now();
    failed_ = found.empty();
    if (!found.empty()) {
        addresses_ = std::move(found);
        fresh_until_ = now + ttl;
    } else if (lacks_resources) {
        failure_ = {FailureKind::resources, "DNS cannot be asked for " + host_ + ": no descriptor is left"};
    } else if (timed_out) {
        failure_ = {FailureKind::dns_timeout, "no DNS server answered for " + host_};
    } else if (refused) {
        failure_ = {FailureKind::dns, "the DNS server failed to answer for " + host_};
    } else {
        // The name is gone, on good authority: the addresses that it had are no last resort.
        addresses_.clear();
        failure_ = {FailureKind::dns, host_ + (not_found ? " does not exist in DNS" : " has no address in DNS")};
    }
    wake_waiters();
}

void KnownName::wake_waiters()
{
    const auto self = shared_from_this();
    // A waiter may be gone as soon as its gate is open.
    while (!waiters_.empty()) {
        Waiter& waiter = waiters_.front();
        waiters_.pop_front();
        waiter.gate.open();
    }
}

Result<Addresses> KnownName::outcome(TimePoint now) const
{
    if (!failed_ && !addresses_.empty())
        return addresses_;
    if (is_usable(now))
        return addresses_;
    if (asking_)
        return Failure{FailureKind::dns_timeout, "no DNS server has answered for " + host_};
    return failure_;
}

KnownName::Waiter::Waiter(KnownName& name)
{
    name.waiters_.push_back(*this);
}

} // namespace dialhook::net
