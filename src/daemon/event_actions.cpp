#include "api/control/event_reports.hpp"
#include "daemon/daemon.hpp"

#include <boost/asio/post.hpp>

/// What dialhookctl asks of call events. The spool and the courier answer on their threads; reports are made on the
/// main thread, so that nothing that is delivered waits for them.
namespace dialhook::daemon {
namespace {

control::ControlAnswer refusal(std::string why)
{
    return {{}, number_of(RpcError::invalid_params), std::move(why)};
}

control::ControlAnswer answer_of(std::int64_t id, spool::Replayed replayed)
{
    const std::string number = std::to_string(id);
    switch (replayed) {
    case spool::Replayed::again:
        return {R"({"id":)" + number + "}", 0, {}};
    case spool::Replayed::masked:
        return refusal("delivery " + number + " cannot be sent again: `server.redact` masked what was stored of it");
    case spool::Replayed::not_configured:
        return refusal("delivery " + number +
                       " cannot be sent again: the configuration no longer has its notification or its URL; put it "
                       "back, then `dialhookctl reload`");
    case spool::Replayed::switched_off:
        return refusal("delivery " + number +
                       " cannot be sent again: its URL was switched off by a 410 Gone; correct the URL or the web "
                       "server, then `dialhookctl reload`");
    case spool::Replayed::unknown:
        break;
    }
    return refusal("there is no delivery " + number + " any more, or never was");
}

} // namespace

std::string Daemon::notifications() const
{
    return control::notifications_json(spool_.counts(), in_use(), std::chrono::system_clock::now());
}

void Daemon::deliveries(const std::string& params, Answered answered)
{
    auto wanted = control::read_deliveries_wanted(params, std::chrono::system_clock::now());
    if (!wanted)
        return answered(refusal(std::move(wanted).error()));
    spool_.deliveries(*std::move(wanted),
                      [this, answered = std::move(answered)](std::vector<spool::Delivery> deliveries) {
                          net::asio::post(context_, [answered, deliveries = std::move(deliveries)] {
                              answered({control::deliveries_json(deliveries), 0, {}});
                          });
                      });
}

void Daemon::replay(const std::string& params, Answered answered)
{
    auto id = control::read_replay(params);
    if (!id)
        return answered(refusal(std::move(id).error()));
    spool_.replay(*id, [this, id = *id, answered = std::move(answered)](spool::Replayed replayed) {
        net::asio::post(context_, [id, answered, replayed] { answered(answer_of(id, replayed)); });
    });
}

void Daemon::test(const std::string& params, Answered answered)
{
    auto name = control::read_test(params);
    if (!name)
        return answered(refusal(std::move(name).error()));
    if (in_use().find_notification(*name) == nullptr)
        return answered(refusal(control::unknown_notification(*name, in_use())));
    courier_.test(*std::move(name), [this, answered = std::move(answered)](std::optional<delivery::EventTest> test) {
        net::asio::post(context_, [answered, test = std::move(test)] {
            answered(test ? control::ControlAnswer{control::event_test_json(*test), 0, {}}
                          : refusal("the configuration has no such notification any more, or the daemon stops"));
        });
    });
}

} // namespace dialhook::daemon
