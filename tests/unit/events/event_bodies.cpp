// Writes a line for each body: the format, a tab, and the body. Facts are known or not in all their ways, at random.
#include "events/body.hpp"

#include <iostream>
#include <random>
#include <string>

namespace {

using namespace dialhook;
using namespace dialhook::events;

class Made
{
public:
    bool chance() { return random_() % 2 == 0; }
    std::uint_fast32_t below(std::uint_fast32_t limit) { return static_cast<std::uint_fast32_t>(random_() % limit); }

    CallText text()
    {
        constexpr const char* texts[] = {"", "+31502102544", "101", "anonymous", "J\u00f6rg \"\u20ac\"\n\t\\", "\x01"};
        return *CallText::from(texts[below(std::size(texts))]);
    }

    template <typename Enum>
    std::optional<Enum> one_of(unsigned count)
    {
        if (chance())
            return std::nullopt;
        return static_cast<Enum>(below(count));
    }

    CallEvent event()
    {
        CallEvent event{*CallId::from("call-" + std::to_string(below(1000))), static_cast<std::uint32_t>(1 + below(9)),
                        static_cast<Kind>(below(kind_count)),
                        std::chrono::sys_seconds(std::chrono::seconds(below(4'000'000'000))) +
                            std::chrono::microseconds(below(1'000'000)),
                        facts()};
        event.facts.reason = std::nullopt;
        if (event.kind == Kind::ended)
            event.facts.reason = static_cast<EndReason>(below(7));
        return event;
    }

private:
    Facts facts()
    {
        Facts facts{.direction = one_of<Direction>(3),
                    .did = text(),
                    .callerid = text(),
                    .callername = *CallerName::from(text().str()),
                    .presentation = one_of<Presentation>(2),
                    .targets = {},
                    .answered_by = text(),
                    .transferred_by = text(),
                    .transfer = one_of<Transfer>(2),
                    .reason = {},
                    .vars = {}};
        for (auto count = below(max_targets + 1); count > 0 && chance(); --count)
            facts.targets.push_back(text());
        for (auto count = below(3); count > 0; --count)
            set_var(facts.vars, "var" + std::to_string(count), text().str());
        return facts;
    }

    std::mt19937 random_{7};
};

} // namespace

int main()
{
    Made made;
    for (int count = 0; count < 2000; ++count) {
        Notification notification{.name = *WebhookName::from("crm"), .description = {}, .urls = {}};
        notification.format = count % 2 == 0 ? EventFormat::voys_v2 : EventFormat::cloudevents;
        std::cout << (count % 2 == 0 ? "voys-v2" : "cloudevent") << '\t'
                  << body_of(made.event(), notification, "msg_1", Numbers()).text << '\n';
    }
}
