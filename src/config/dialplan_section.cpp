#include "config/dialplan_section.hpp"

#include "base/lookalike.hpp"
#include "base/pace.hpp"
#include "base/spelling.hpp"
#include "base/text.hpp"
#include "config/dialplan_step.hpp"
#include "config/known_steps.hpp"
#include "config/number_key.hpp"
#include "yaml/shown.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <algorithm>
#include <memory>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace dialhook::config {
namespace {

using dialplan::Dialplan;
using dialplan::NumberPlan;
using dialplan::Steps;
using dialplan::WebhookStep;

constexpr std::string_view list_of_steps = "a list of steps, each on a line that begins with a dash";

void read_branch(const Value& value, StepPlace place, Steps& steps)
{
    value.each_item(list_of_steps, [&](const Value& item) {
        if (is_webhook_step(item))
            item.fault("a dialplan asks one webhook; a branch of it has no other");
        else
            read_step(item, place, steps);
    });
}

/// A dialplan while it is read.
struct DialplanDraft
{
    Dialplan plan;
    Mark webhook_mark = {};
    std::string webhook_path = {};
};

void read_webhook_step(const Value& item, DialplanDraft& draft)
{
    item.each_entry([&](const Value& value) {
        if (value.name() != "webhook")
            return;
        const auto text = value.text("the name of a webhook");
        if (!text)
            return;
        draft.webhook_mark = value.mark();
        draft.webhook_path = value.path();
        if (auto name = WebhookName::from(*text))
            draft.plan.webhook = WebhookStep{*std::move(name), {}, {}};
        else
            value.fault("found " + in_quotes(*text) + ", expected the name of a webhook" + value.odd_character());
    });
    if (!draft.plan.webhook)
        return;
    WebhookStep& step = *draft.plan.webhook;
    item.each_entry([&](const Value& value) {
        if (value.name() == "on_success")
            read_branch(value, StepPlace::on_success, step.on_success);
        else if (value.name() == "on_failure")
            read_branch(value, StepPlace::on_failure, step.on_failure);
        else if (value.name() != "webhook")
            value.fault_of_key("a webhook step has `on_success` and `on_failure` beside it and no other key" +
                               (value.odd_character_in_key().empty() ? near_key_of_webhook_step(value.name())
                                                                     : value.odd_character_in_key()));
    });
}

void read_steps(const Value& value, DialplanDraft& draft)
{
    if (value.is_nothing() || value.is_empty_list())
        return value.fault("found no steps, expected at least one; remove the number if no call of it is to be routed");
    bool has_webhook = false;
    value.each_item(list_of_steps, [&](const Value& item) {
        const bool is_webhook = is_webhook_step(item);
        if (has_webhook && is_webhook)
            return item.fault("this is a second webhook step; a dialplan has one, which is its last step");
        if (has_webhook)
            return item.fault("a webhook is the last step of a dialplan; move this one before it, or under its "
                              "`on_success` and `on_failure`");
        has_webhook = is_webhook;
        if (is_webhook)
            read_webhook_step(item, draft);
        else
            read_step(item, StepPlace::in_front, draft.plan.steps);
    });
}

std::size_t bytes_of(const Steps& steps)
{
    std::size_t bytes = 0;
    for (const dialplan::Step& step : steps)
        if (const auto* of_engine = std::get_if<dialplan::EngineStep>(&step))
            bytes += of_engine->json.size();
    return bytes;
}

/// What an engine gets in one answer must fit through its socket.
void check_size(const Value& value, const Dialplan& plan)
{
    constexpr std::size_t largest = 256UL * 1024;
    std::size_t bytes = bytes_of(plan.steps);
    if (plan.webhook)
        bytes = std::max({bytes, bytes_of(plan.webhook->on_success), bytes_of(plan.webhook->on_failure)});
    if (bytes > largest)
        value.fault_at_key("its steps are larger than 256 KiB together; shorten them");
}

/// Returns what is wrong with the key of a dialplan, or nothing.
std::string_view fault_of_key(std::string_view key)
{
    if (const auto fault = fault_of_number(key); !fault.empty())
        return fault;
    if (Numbers().key(key) == "*")
        return "a dialplan for all other numbers is called `default`";
    return {};
}

/// `_X.` and `_31ZXX!` are how Asterisk writes the numbers of an extension.
bool is_pattern_of_asterisk(std::string_view key)
{
    return key.starts_with('_') && key.find_first_not_of("0123456789+*#XZNxzn[]-.!", 1) == std::string_view::npos;
}

/// A caller dials `*21*0501234#`, but hardly a `*` in a number that begins otherwise.
bool has_star_within(std::string_view key)
{
    const auto star = key.find('*');
    return star != 0 && star != std::string_view::npos && star + 1 != key.size() && !key.starts_with('#');
}

/// Returns why the key of a dialplan probably matches no call, or nothing.
std::string_view doubt_of_key(std::string_view key)
{
    if (key != NumberPlan::default_key && text::equals_ignoring_case(key, NumberPlan::default_key))
        return "a dialplan for all other numbers is called `default`, in small letters";
    if (key.find(':') != std::string_view::npos) // a URI
        return {};
    if (is_pattern_of_asterisk(key))
        return "patterns of Asterisk mean nothing here; write the start of the numbers and a *, such as \"+3150*\"";
    if (key.find('?') != std::string_view::npos)
        return "a ? stands for itself, which no number has; write the start of the numbers and a *, such as \"+3150*\"";
    if (has_star_within(key))
        return "only a * at the end stands for the rest of a number; write one there, and digits before it";
    return {};
}

bool uses_the_reply(const Steps& steps)
{
    return std::ranges::any_of(steps, [](const dialplan::Step& step) {
        return std::holds_alternative<dialplan::NameFromWebhook>(step) ||
               std::holds_alternative<dialplan::DialVariable>(step);
    });
}

/// Suggests a webhook for a name that is unknown.
class Suggestions
{
public:
    explicit Suggestions(const SharedList<Webhook>& webhooks)
        : webhooks_(webhooks)
    {
    }

    /// Returns `; did you mean "…"?`, or an empty text if no name is near.
    const std::string& instead_of(std::string_view unknown)
    {
        const auto [answer, is_new] = answers_.try_emplace(std::string(unknown));
        if (is_new && compared_ < max_compared) {
            if (known_.empty())
                for (const Webhook& webhook : webhooks_)
                    known_.push_back(webhook.name.str());
            answer->second = did_you_mean(unknown, known_);
            compared_ += known_.size();
        }
        return answer->second;
    }

private:
    /// A tenth of a second's work: ten names among 100,000 webhooks, and all of 1,000 among 1,000.
    static constexpr std::size_t max_compared = 1'000'000;

    const SharedList<Webhook>& webhooks_;
    std::vector<std::string_view> known_;
    std::unordered_map<std::string, std::string> answers_;
    std::size_t compared_ = 0;
};

/// The webhooks by name: among a hundred thousand, a search by halves is some thirty misses of the processor's cache.
using ByName = boost::unordered_flat_map<std::string_view, const Webhook*>;

ByName by_name(const std::vector<PlacedDialplan>& dialplans, const SharedList<Webhook>& webhooks)
{
    ByName names;
    if (dialplans.empty())
        return names;
    names.reserve(webhooks.size());
    for (const Webhook& webhook : webhooks) {
        Pace::between_pieces();
        names.emplace(webhook.name.str(), &webhook);
    }
    return names;
}

void check_webhook(const PlacedDialplan& placed, const ByName& webhooks, Suggestions& suggestions, FaultList& faults)
{
    if (!placed.plan->webhook)
        return;
    const WebhookName& name = placed.plan->webhook->webhook;
    if (const auto found = webhooks.find(name.str()); found != webhooks.end()) {
        if (!found->second->is_waited_for() && uses_the_reply(placed.plan->webhook->on_success))
            faults.add(placed.file, placed.webhook_mark,
                       placed.webhook_path +
                           ": the webhook has `wait: false`, so there is no reply for `from: webhook` or "
                           "`destination: variable`");
        return;
    }
    faults.add(placed.file, placed.webhook_mark,
               placed.webhook_path + ": there is no webhook " + in_quotes(name.str()) +
                   suggestions.instead_of(name.str()));
}

} // namespace

void read_dialplans(const Value& value, std::vector<PlacedDialplan>& dialplans)
{
    dialplans.reserve(value.entries());
    value.each_entry([&](const Value& entry) {
        Pace::between_pieces();
        if (const auto fault = fault_of_key(entry.name()); !fault.empty())
            entry.fault_of_key("found " + in_quotes(entry.name()) + " as a number: " + std::string(fault) +
                               entry.odd_character_in_key());
        else if (first_lookalike(entry.name()))
            entry.fault_of_key("found " + in_quotes(entry.name()) + " as a number, which no call would have" +
                               entry.odd_character_in_key());
        else if (const auto doubt = doubt_of_key(entry.name()); !doubt.empty())
            entry.warn_of_key("found " + in_quotes(entry.name()) + " as a number: " + std::string(doubt));
        DialplanDraft draft{{std::string(entry.name()), {}, {}}};
        read_steps(entry, draft);
        check_size(entry, draft.plan);
        dialplans.push_back({std::make_shared<const Dialplan>(std::move(draft.plan)), entry.file(), entry.key_mark(),
                             draft.webhook_mark, std::move(draft.webhook_path)});
    });
}

NumberPlan joined_by_number(const std::vector<PlacedDialplan>& dialplans, const Configuration& configuration,
                            FaultList& faults)
{
    const Numbers& numbers = configuration.server.numbers.plan;
    SharedList<Dialplan> plans;
    plans.reserve(dialplans.size());
    std::unordered_map<std::string, const PlacedDialplan*> seen;
    seen.reserve(dialplans.size());
    const ByName webhooks = by_name(dialplans, configuration.webhooks);
    Suggestions suggestions(configuration.webhooks);
    for (const PlacedDialplan& placed : dialplans) {
        Pace::between_pieces();
        check_webhook(placed, webhooks, suggestions, faults);
        const auto [first, is_new] = seen.emplace(NumberPlan::key_of(placed.plan->key, numbers), &placed);
        if (is_new) {
            plans.share(placed.plan);
            continue;
        }
        const PlacedDialplan& earlier = *first->second;
        if (earlier.file == placed.file && earlier.plan->key == placed.plan->key)
            continue; // twice in one mapping was said when the file was parsed
        faults.add(placed.file, placed.mark,
                   "dialplans: " + in_quotes(placed.plan->key) + " appears twice; the first one, " +
                       in_quotes(earlier.plan->key) + ", is at " + faults.place(earlier.file, earlier.mark));
    }
    return NumberPlan(std::move(plans), numbers);
}

const std::vector<KeyRow>& dialplan_rows()
{
    static const std::vector<KeyRow> rows{
        {"webhook", "name of a webhook", "none", "the last step",
         "Asks the webhook; `on_success` and `on_failure` beside it are the steps that follow."},
        {"callername", "mapping", "", "`from: webhook`, `prefix: TEXT`, `replace: TEXT`",
         "Changes the name that the recipient of the call sees; `from: webhook` under `on_success` alone."},
        {"dial", "text or mapping", "",
         "a destination, `{to: [\"101\", \"102\"], strategy, ring}`, `{destination: variable, ring}`",
         "Rings a destination; `variable` is the reply's, under `on_success` alone."},
        {"any other", "anything", "", "", "Passed to the engine unchanged."},
    };
    return rows;
}

} // namespace dialhook::config
