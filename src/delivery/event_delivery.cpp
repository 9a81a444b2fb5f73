#include "delivery/event_delivery.hpp"

#include "delivery/event_request.hpp"
#include "delivery/judge.hpp"
#include "dispatch/proxy_refusal.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace dialhook::delivery {
namespace {

using dispatch::Content;
using net::Phase;

constexpr int see_other = 303;

/// Where an attempt stands.
class Way
{
public:
    explicit Way(const EventDelivery& what)
        : request_(what.resolved, what.endpoint, what.event, what.webhook_id,
                   what.snapshot.configuration().server.numbers.plan)
        , max_redirects_(what.resolved.notification->redirects)
        , hop_(request_.first_hop())
    {
        write();
    }

    const net::Target& target() const { return target_; }
    const std::string& text() const { return text_; }

    /// Goes where `response` redirects to. Returns why not, if that is not possible.
    std::optional<std::string> follow(const net::Response& response)
    {
        has_arrived_ |= response.status == see_other && hop_.content == Content::post;
        if (redirects_ == max_redirects_)
            return "more redirects than are followed";
        auto next = next_hop(hop_, response.status, response.location);
        if (!next)
            return std::string(next.error().message);
        if (next->content == Content::post_body_less)
            return "the redirect leads to another origin, where the body of an event does not go; write that URL in "
                   "`url`";
        ++redirects_;
        hop_ = *std::move(next);
        write();
        return std::nullopt;
    }

    /// Returns whether this place is the notification's own, which headers and signature go to.
    bool is_own() const { return request_.is_own(hop_); }

    /// Returns whether a 303 said that the event has come.
    bool has_arrived() const { return has_arrived_; }

    /// Returns whether a success at this place is one of the event.
    bool counts() const { return has_arrived_ || hop_.content == Content::post; }

private:
    void write()
    {
        target_ = request_.target_of(hop_);
        text_ = request_.text(hop_, target_, std::chrono::system_clock::now());
    }

    const EventRequest request_;
    const unsigned max_redirects_;
    unsigned redirects_ = 0;
    dispatch::Hop hop_;
    bool has_arrived_ = false;
    net::Target target_;
    std::string text_;
};

/// Keeps what went to and fro at one place.
void keep(const EventDelivery& what, const Way& way, net::Transcript& transcript,
          const net::Result<net::Exchange>& exchange)
{
    if (what.exchanges == nullptr)
        return;
    const bool is_sound = exchange && !exchange->response().length_is_wrong &&
                          !exchange->response().body_is_cut; // otherwise the raw bytes are shown
    what.exchanges->push_back({way.target().tls != nullptr, way.is_own(), way.text(), std::move(transcript.received),
                               is_sound ? std::optional(exchange->response().body) : std::nullopt});
}

/// All hops share `connect_timeout`.
std::chrono::milliseconds connect_time_left(std::chrono::milliseconds limit, const net::Timing& timing)
{
    const auto spent = timing[Phase::dns] + timing[Phase::connect] + timing[Phase::tls];
    return std::max(std::chrono::duration_cast<std::chrono::milliseconds>(limit - spent), std::chrono::milliseconds(1));
}

spool::Attempted failed_with(int status, std::string why)
{
    spool::Attempted attempted = failed(std::move(why));
    attempted.http_status = status;
    return attempted;
}

net::Awaitable<spool::Attempted> send_along(Way& way, net::HttpClient& client, const EventDelivery& what,
                                            net::Cancellation& cancellation)
{
    const egress::Rules& rules = what.snapshot.configuration().egress;
    const auto connect_timeout = what.resolved.notification->connect_timeout;
    net::Timing timing;
    while (true) {
        net::Transcript transcript;
        auto exchange = co_await client.exchange(
            {way.target(), way.text(), true, what.exchanges ? &transcript : nullptr, net::ResponseWanted::head},
            {rules, connect_time_left(connect_timeout, timing)}, cancellation, timing);
        keep(what, way, transcript, exchange);
        if (!exchange)
            co_return judge(exchange.error(), cancellation.reason());
        const net::Response& response = exchange->response();
        if (const auto refusal = dispatch::refusal_of_proxy(way.target(), response.status))
            co_return failed_with(response.status, refusal->detail);
        if (!dispatch::is_redirect(response.status)) {
            auto attempted = judge(response, std::chrono::system_clock::now());
            if (attempted.outcome == spool::Attempted::Outcome::delivered && !way.counts())
                co_return failed_with(response.status,
                                      "a redirect made a GET of the POST, without the event; let the web server answer "
                                      "307 or 308, or write the URL that it leads to in `url`");
            co_return attempted;
        }
        if (auto why = way.follow(response))
            co_return failed_with(response.status, *std::move(why));
    }
}

} // namespace

net::Awaitable<spool::Attempted> deliver(net::HttpClient& client, EventDelivery what, net::Cancellation& cancellation)
{
    Way way(what);
    auto attempted = co_await send_along(way, client, what, cancellation);
    if (way.has_arrived() && attempted.outcome != spool::Attempted::Outcome::delivered)
        co_return spool::Attempted{spool::Attempted::Outcome::delivered, see_other, std::nullopt, {}};
    co_return attempted;
}

} // namespace dialhook::delivery
