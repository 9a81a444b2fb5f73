#include "api/fastagi/application.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>
#include <string_view>

namespace dialhook::fastagi {
namespace {

using boost::system::result;
using nlohmann::json;

std::optional<std::string> scalar_text(const json& value)
{
    if (value.is_string())
        return value.get<std::string>();
    if (value.is_number() || value.is_boolean())
        return value.dump();
    return value.is_null() ? std::optional<std::string>("") : std::nullopt;
}

bool is_application_name(std::string_view name)
{
    const auto is_letter = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    };
    return !name.empty() && std::ranges::all_of(name, is_letter);
}

/// Returns the arguments, a text or a list of texts, with commas between them; nullopt if they are neither.
std::optional<std::string> joined(const json& args)
{
    if (!args.is_array())
        return scalar_text(args);
    std::string text;
    for (const json& arg : args) {
        const auto one = scalar_text(arg);
        if (!one)
            return std::nullopt;
        text += (&arg == &args.front() ? "" : ",") + *one;
    }
    return text;
}

/// `exec: { app: Set, args: [ … ] }`: written by the administrator, handed on as it is.
result<Application, LeftOut> exec_of(const json& value)
{
    const json none;
    const auto member = [&](const char* name) -> const json& {
        return value.is_object() && value.contains(name) ? value[name] : none;
    };
    const auto name = scalar_text(member("app"));
    const auto arguments = joined(member("args"));
    if (!name || !is_application_name(*name) || !arguments)
        return LeftOut{"an exec step is written `exec: { app: NAME, args: [ … ] }`"};
    return Application{*name, *arguments};
}

result<Application, LeftOut> filled(const char* name, const dialplan::ArgumentTemplate& arguments, const json& value)
{
    const auto text = scalar_text(value);
    auto with_value = text ? arguments.filled(*text) : std::nullopt;
    if (!with_value)
        return LeftOut{std::string("the value for ") + name +
                       " holds a character that could mean something to Asterisk; use an exec step for it"};
    return Application{name, *std::move(with_value)};
}

result<Application, LeftOut> step_of(std::string_view name, const json& value, const config::AsteriskSettings& settings)
{
    if (name == "play")
        return filled("Playback", settings.play, value);
    if (name == "queue") {
        auto queue = filled("Queue", settings.queue, value);
        if (queue)
            queue->needs_answer = true;
        return queue;
    }
    if (name == "voicemail")
        return filled("VoiceMail", settings.voicemail, value);
    if (name == "exec")
        return exec_of(value);
    if (name == "answer")
        return Application{{}, {}, true};
    if (name != "hangup")
        return LeftOut{"unsupported step for Asterisk; use `exec`"};
    const auto cause = scalar_text(value);
    if (!cause || cause->find_first_not_of("0123456789") != std::string::npos)
        return LeftOut{"a hangup step has no value, or the number of a cause"};
    return Application{"Hangup", *cause};
}

} // namespace

result<Application, LeftOut> application_of(const dialplan::DialDestination& step,
                                            const config::AsteriskSettings& settings)
{
    const bool is_sip = step.destination.starts_with("sip:") || step.destination.starts_with("sips:");
    return filled("Dial", is_sip ? settings.dial_sip : settings.dial, step.destination);
}

/// Each target is reached as it would be alone. `Dial` takes `TECHNOLOGY/RESOURCE[&…],TIMEOUT,OPTIONS`: of targets that
/// ring together, the first one's options count.
GroupDials applications_of(const dialplan::DialGroup& step, const config::AsteriskSettings& settings)
{
    GroupDials group;
    std::vector<Application>& dials = group.in_turn;
    for (const std::string& target : step.to) {
        auto alone = application_of(dialplan::DialDestination{target}, settings);
        if (!alone) {
            group.left_out.push_back({target, alone.error().why});
            continue;
        }
        std::string& arguments = alone->arguments;
        const std::size_t resource_end = std::min(arguments.find(','), arguments.size());
        if (step.strategy == RingStrategy::parallel && !dials.empty()) {
            std::string& first = dials.front().arguments;
            first.insert(std::min(first.find(','), first.size()), "&" + arguments.substr(0, resource_end));
            continue;
        }
        if (step.ring) {
            const std::size_t timeout_end = std::min(arguments.find(',', resource_end + 1), arguments.size());
            arguments.replace(resource_end, timeout_end - resource_end, "," + std::to_string(step.ring->count()));
        }
        dials.push_back(*std::move(alone));
    }
    return group;
}

result<Application, LeftOut> application_of(const dialplan::EngineStep& step, const config::AsteriskSettings& settings)
{
    const json read = json::parse(step.json, nullptr, false);
    if (read.is_string())
        return step_of(read.get_ref<const std::string&>(), json(), settings);
    if (!read.is_object() || read.size() != 1)
        return LeftOut{"a step for Asterisk has one key"};
    return step_of(read.begin().key(), read.begin().value(), settings);
}

} // namespace dialhook::fastagi
