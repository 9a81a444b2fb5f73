#include "delivery/event_test.hpp"

#include <cstddef>
#include <string_view>

namespace dialhook::delivery {
namespace {

using events::Kind;

// Of the range that the North American Numbering Plan reserves for fiction: no CRM knows a customer by them.
constexpr std::string_view called = "+12025550100";
constexpr std::string_view caller = "+12025550143";
constexpr std::string_view extension = "101";

Kind first_wanted(const events::Notification& notification)
{
    std::size_t kind = 0;
    while (kind + 1 < events::kind_count && !notification.events.test(kind))
        ++kind;
    return static_cast<Kind>(kind);
}

/// Returns what would be known when an event of `kind` happens.
events::Facts facts_at(Kind kind)
{
    events::Facts facts;
    facts.direction = events::Direction::inbound;
    facts.did = *CallText::from(called);
    facts.callerid = *CallText::from(caller);
    facts.callername = *CallerName::from("Dialhook test");
    facts.presentation = Presentation::allowed;
    if (kind >= Kind::ringing)
        facts.targets = {*CallText::from(extension)};
    if (kind >= Kind::answered)
        facts.answered_by = *CallText::from(extension);
    if (kind == Kind::transferred) {
        facts.transferred_by = *CallText::from(extension);
        facts.transfer = events::Transfer::blind;
    }
    if (kind == Kind::ended)
        facts.reason = events::EndReason::completed;
    return facts;
}

} // namespace

events::CallEvent made_up_event(const events::Notification& notification, std::string_view unique,
                                std::chrono::system_clock::time_point now)
{
    const Kind kind = first_wanted(notification);
    return {.call_id = *events::CallId::from("dialhook-test-" + std::string(unique)),
            .seq = 1,
            .kind = kind,
            .at = now,
            .facts = facts_at(kind)};
}

} // namespace dialhook::delivery
