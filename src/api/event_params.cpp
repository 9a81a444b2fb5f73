#include "api/event_params.hpp"

#include "base/rfc3339.hpp"
#include "base/spelling.hpp"
#include "base/text.hpp"
#include "events/words.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <utility>

namespace dialhook::api {
namespace {

constexpr std::array<std::string_view, 2> presentation_words{to_string(Presentation::allowed),
                                                             to_string(Presentation::prohibited)};

struct Named
{
    std::string_view name;
    std::string EventParams::*member;
};

constexpr std::array<Named, 12> texts{{{"call_id", &EventParams::call_id},
                                       {"event", &EventParams::event},
                                       {"at", &EventParams::at},
                                       {"direction", &EventParams::direction},
                                       {"did", &EventParams::did},
                                       {"callerid", &EventParams::callerid},
                                       {"callername", &EventParams::callername},
                                       {"presentation", &EventParams::presentation},
                                       {"answered_by", &EventParams::answered_by},
                                       {"transferred_by", &EventParams::transferred_by},
                                       {"transfer", &EventParams::transfer},
                                       {"reason", &EventParams::reason}}};

const Named* find(std::string_view name)
{
    const auto* const found =
        std::find_if(texts.begin(), texts.end(), [name](const Named& text) { return text.name == name; });
    return found == texts.end() ? nullptr : found;
}

/// Takes parameters one after the other, until one is wrong.
class Reading
{
public:
    /// Empty: nothing was wrong.
    std::string fault;

    template <class Word>
    void take_word(std::string_view name, std::string_view text, std::span<const std::string_view> words,
                   std::optional<Word>& into)
    {
        if (text.empty() || !fault.empty())
            return;
        const auto word = std::find(words.begin(), words.end(), text);
        if (word == words.end())
            fault = std::string(name) + " must be " + joined(words, "or") + did_you_mean(text, words);
        else
            into = static_cast<Word>(word - words.begin());
    }

    void take_time(std::string_view text, std::optional<std::chrono::system_clock::time_point>& into)
    {
        if (text.empty() || !fault.empty())
            return;
        into = from_rfc3339(text);
        if (!into)
            fault = "at must be a time with its offset, such as 2026-07-29T15:04:05.250+02:00";
    }
};

template <class Text>
void take_cut(std::string_view text, Text& into)
{
    into.assign(text::first_bytes(text, CallText::max_bytes));
}

/// Takes the facts that cannot be wrong.
void take_texts(const EventParams& params, events::Facts& facts)
{
    take_cut(params.callerid, facts.callerid);
    take_cut(params.callername, facts.callername);
    take_cut(params.answered_by, facts.answered_by);
    take_cut(params.transferred_by, facts.transferred_by);
    for (const std::string& target : params.targets) {
        if (facts.targets.size() == events::max_targets)
            break;
        if (!target.empty())
            take_cut(target, facts.targets.emplace_back());
    }
    facts.vars = params.vars;
}

} // namespace

std::string* EventParams::named(std::string_view name)
{
    const Named* const found = find(name);
    return found == nullptr ? nullptr : &(this->*found->member);
}

bool EventParams::has(std::string_view name)
{
    return name == "targets" || name == "vars" || find(name) != nullptr;
}

boost::system::result<events::Report, std::string> report_of(const EventParams& params)
{
    auto call_id = events::CallId::from(params.call_id);
    if (!call_id)
        return std::string("call_id must be the PBX's own name for the call, 1 to 256 bytes");
    if (params.event.empty())
        return "event must be " + joined(events::kind_names, "or");
    events::Facts facts;
    if (!facts.did.assign(params.did))
        return std::string("did must be at most 256 bytes");
    std::optional<events::Kind> kind;
    std::optional<std::chrono::system_clock::time_point> at;
    Reading reading;
    reading.take_word("event", params.event, events::kind_names, kind);
    reading.take_time(params.at, at);
    reading.take_word("direction", params.direction, events::direction_names, facts.direction);
    reading.take_word("presentation", params.presentation, presentation_words, facts.presentation);
    reading.take_word("transfer", params.transfer, events::transfer_names, facts.transfer);
    reading.take_word("reason", params.reason, events::end_reason_names, facts.reason);
    if (!reading.fault.empty())
        return std::move(reading.fault);
    take_texts(params, facts);
    return events::Report{.call_id = *std::move(call_id), .kind = *kind, .at = at, .facts = std::move(facts)};
}

} // namespace dialhook::api
