#include "ctl/render.hpp"

#include "ctl/terminal.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <vector>

namespace dialhook::ctl {
namespace {

using Json = nlohmann::ordered_json;

/// Returns the value of a key; null when it is missing. Throws for what is no object.
const Json& at(const Json& object, const char* key)
{
    static const Json nothing;
    const auto& members = object.get_ref<const Json::object_t&>();
    const auto found = members.find(key);
    return found == members.end() ? nothing : found->second;
}

std::string milliseconds(double value)
{
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.1f ms", value);
    return text.data();
}

/// Returns one value on one line: text as it is, numbers and structures as JSON.
std::string inline_text(const Json& value)
{
    return harmless(value.is_string() ? value.get<std::string>() : value.dump());
}

/// Returns the members of an object on one line, those that are null left out.
std::string pairs(const Json& object)
{
    std::string text;
    for (const auto& [key, value] : object.items())
        if (!value.is_null())
            text += (text.empty() ? "" : ", ") + harmless(key) + ' ' + inline_text(value);
    return text;
}

/// Returns `count` with the noun that fits it.
std::string counted(const Json& count, const char* one, const char* many)
{
    return inline_text(count) + ' ' + (count == 1 ? one : many);
}

/// Lines of a name and its value, the values below each other. Empty values leave no line.
class Lines
{
public:
    explicit Lines(std::size_t indent)
        : indent_(indent)
    {
    }
    void add(const std::string& name, const std::string& value)
    {
        if (!value.empty())
            text_ += std::string(indent_, ' ') + name + std::string(name_width - name.size(), ' ') + value + '\n';
    }
    [[nodiscard]] const std::string& text() const { return text_; }

private:
    static constexpr std::size_t name_width = 14;
    std::size_t indent_;
    std::string text_;
};

std::string text_or_nothing(const Json& value)
{
    return value.is_null() ? std::string{} : inline_text(value);
}

/// Returns `failure: timeout (webhook crm, 300.1 ms)`
std::string headline(const Json& decision)
{
    const Json& branch = at(decision, "branch");
    std::string line = branch.is_null() ? "routed by the dialplan alone" : inline_text(branch);
    const Json& decided_by = at(decision, "reason").is_null() ? at(decision, "status") : at(decision, "reason");
    if (!decided_by.is_null())
        line += ": " + inline_text(decided_by);

    std::string facts;
    const auto add = [&facts](const std::string& fact) { facts += (facts.empty() ? "" : ", ") + fact; };
    if (const Json& webhook = at(decision, "webhook"); !webhook.is_null())
        add("webhook " + inline_text(webhook));
    if (const Json& source = at(decision, "source"); !source.is_null() && source != "url")
        add("answered by " + inline_text(source));
    if (const Json& code = at(decision, "http_status"); !code.is_null())
        add("HTTP " + inline_text(code));
    if (const Json& elapsed = at(decision, "elapsed_ms"); !elapsed.is_null())
        add(milliseconds(elapsed.get<double>()));
    return facts.empty() ? line : line + " (" + facts + ')';
}

std::string caller_number(const Json& callerid)
{
    if (!callerid.is_object())
        return {};
    const std::string number = text_or_nothing(at(callerid, "number"));
    const std::string presentation = text_or_nothing(at(callerid, "presentation"));
    return (number.empty() ? "withheld" : number) + (presentation.empty() ? "" : " (" + presentation + ')');
}

/// Returns the phases that took part, in the order of the answer; `tries` may stand among them.
std::string phases(const Json& timing)
{
    std::string text;
    for (const auto& [phase, value] : timing.items())
        if (value.is_number())
            text += (text.empty() ? "" : ", ") + harmless(phase) + ' ' + milliseconds(value.get<double>());
    return text;
}

void add_attempts(Lines& lines, const Json& attempts)
{
    if (!attempts.is_array()) {
        lines.add("tries", text_or_nothing(attempts));
        return;
    }
    std::size_t number = 0;
    for (const Json& one : attempts)
        lines.add("try " + std::to_string(++number), one.is_object() ? pairs(one) : inline_text(one));
}

} // namespace

std::string render_json(const Json& answer)
{
    return answer.dump(-1, ' ', true) + '\n';
}

namespace {

/// Returns `101, 102 one after the other, for 20 s`
std::string rung(const Json& decision)
{
    std::string text;
    for (const Json& destination : at(decision, "destinations"))
        text += (text.empty() ? "" : ", ") + text_or_nothing(destination);
    if (at(decision, "destinations").size() > 1)
        text += at(decision, "strategy") == "sequential" ? " one after the other" : " at once";
    if (const Json& ring = at(decision, "ring_s"); !ring.is_null())
        text += ", for " + text_or_nothing(ring) + " s";
    return text;
}

} // namespace

std::string render_decision(const Json& decision)
{
    Lines lines(2);
    lines.add("destination", text_or_nothing(at(decision, "destination")));
    if (const Json& ring = at(decision, "destinations"); ring.is_array())
        lines.add("rings", rung(decision));
    lines.add("callername", text_or_nothing(at(decision, "callername")));
    lines.add("callerid", caller_number(at(decision, "callerid")));
    for (const auto& [name, value] : at(decision, "variables").items())
        lines.add("variable", harmless(name) + " = " + inline_text(value));
    lines.add("play", text_or_nothing(at(decision, "play")));
    for (const auto& [index, step] : at(decision, "steps").items())
        lines.add("step", inline_text(step));
    const Json& timing = at(decision, "timing");
    lines.add("timing", timing.is_object() ? phases(timing) : std::string{});
    const Json& attempts = at(decision, "tries");
    add_attempts(lines, attempts.is_null() && timing.is_object() ? at(timing, "tries") : attempts);
    return headline(decision) + '\n' + lines.text();
}

std::string render_uptime(double seconds)
{
    const auto whole = static_cast<std::int64_t>(seconds);
    const auto two = [](std::int64_t big, const char* big_unit, std::int64_t small, const char* small_unit) {
        return std::to_string(big) + big_unit + (small == 0 ? "" : ' ' + std::to_string(small) + small_unit);
    };
    if (whole < 60)
        return std::to_string(whole) + " s";
    if (whole < 3600)
        return two(whole / 60, " min", whole % 60, " s");
    if (whole < 86400)
        return two(whole / 3600, " h", whole % 3600 / 60, " min");
    return two(whole / 86400, " d", whole % 86400 / 3600, " h");
}

namespace {

/// Returns `durable; 3 events wait`; empty if nobody uses the spool.
std::string spool_line(const Json& spool, const Json& notifications)
{
    const Json& events = at(spool, "events_waiting");
    const Json& requests = at(spool, "requests_waiting");
    const bool is_durable = at(spool, "durable") == true;
    const bool is_used = is_durable || (!notifications.is_null() && notifications != 0) || requests != 0;
    if (!is_used)
        return {};
    std::string text = is_durable ? "durable" : "in memory alone";
    if (events == 0 && requests == 0)
        return text + ", nothing waits";
    if (events != 0)
        text += ", " + counted(events, "event waits", "events wait");
    if (requests != 0)
        text += ", " + counted(requests, "request waits", "requests wait");
    return text;
}

} // namespace

std::string render_status(const Json& status)
{
    std::string text = "dialhook " + text_or_nothing(at(status, "version"));
    if (const Json& pid = at(status, "pid"); !pid.is_null())
        text += ", process " + inline_text(pid);
    if (const Json& uptime = at(status, "uptime_s"); !uptime.is_null())
        text += ", up " + render_uptime(uptime.get<double>());
    if (at(status, "draining") == true)
        text += ", draining: it takes no new calls";
    text += '\n';

    Lines lines(2);
    const bool stale = at(status, "stale") == true;
    lines.add("configuration", text_or_nothing(at(status, "config")));
    if (stale) {
        lines.add("", "STALE: it has faults, and the last good one, applied " +
                          text_or_nothing(at(status, "config_since")) + ", is in force; repair it and reload");
        for (const auto& [index, fault] : at(status, "faults").items())
            lines.add("", inline_text(fault));
    } else if (const Json& since = at(status, "config_since"); !since.is_null()) {
        lines.add("", "in force since " + inline_text(since));
    }
    if (const Json& webhooks = at(status, "webhooks"); !webhooks.is_null())
        lines.add("webhooks", inline_text(webhooks));
    if (const Json& reload = at(status, "last_reload"); reload.is_object()) {
        lines.add("last reload", text_or_nothing(at(reload, "result")) + " at " + text_or_nothing(at(reload, "at")));
        for (const auto& [index, message] : at(reload, "messages").items())
            lines.add("", inline_text(message));
    }
    if (const Json& dialplans = at(status, "dialplans"); !dialplans.is_null() && dialplans != 0)
        lines.add("dialplans", inline_text(dialplans));
    if (const Json& spool = at(status, "spool"); spool.is_object()) {
        lines.add("spool", spool_line(spool, at(status, "notifications")));
        for (const auto& [index, trouble] : at(spool, "trouble").items())
            lines.add("", inline_text(trouble));
    }
    lines.add("socket", text_or_nothing(at(status, "socket")));
    lines.add("threads", text_or_nothing(at(status, "threads")));
    if (const Json& engines = at(status, "engine_connections"); !engines.is_null())
        lines.add("engines", counted(engines, "connection", "connections"));
    if (const Json& connections = at(status, "connections"); connections.is_object())
        lines.add("web servers", "connections: " + pairs(connections));
    if (const Json& calls = at(status, "in_flight"); !calls.is_null())
        lines.add("in flight", counted(calls, "call", "calls"));
    if (const Json& decisions = at(status, "decisions"); decisions.is_object()) {
        lines.add("success", text_or_nothing(at(decisions, "success")));
        const Json& failures = at(decisions, "failure");
        lines.add("failure", failures.empty() ? "0" : pairs(failures));
    }
    if (const Json& lost = at(status, "lost"); !lost.is_null() && lost != 0)
        lines.add("lost", counted(lost, "request", "requests") + " that no call waited for");
    if (const Json& dropped = at(status, "log_dropped"); !dropped.is_null() && dropped != 0)
        lines.add("log", counted(dropped, "line", "lines") + " dropped");
    return text + lines.text();
}

std::string render_webhooks(const Json& answer)
{
    std::vector<std::vector<std::string>> rows;
    for (const auto& [index, webhook] : at(answer, "webhooks").items()) {
        const auto text = [&webhook = webhook](const char* key) {
            const Json& value = at(webhook, key);
            return value.is_string() ? value.get<std::string>() : value.is_null() ? std::string{} : value.dump();
        };
        rows.push_back({text("name"), text("success"), text("failure"), text("in_flight"), text("timeout_ms") + " ms",
                        text("circuit_breaker"), text("method"), text("url"), text("description")});
    }
    if (const Json& known = at(answer, "known"); rows.empty() && !known.is_null() && known != 0)
        return "none of " + counted(known, "webhook", "webhooks") + " matches\n";
    if (rows.empty())
        return "no webhooks are configured\n";
    return table({"NAME", ">SUCCESS", ">FAILURE", ">IN FLIGHT", ">TIMEOUT", "BREAKER", "METHOD", "URL", "DESCRIPTION"},
                 rows);
}

std::string render_check(const Json& answer)
{
    const auto count = at(answer, "webhooks").get<std::size_t>();
    return inline_text(at(answer, "file")) + ": " + std::to_string(count) + (count == 1 ? " webhook" : " webhooks") +
           ", " + inline_text(at(answer, "summary")) + '\n';
}

std::string render_reload(const Json& answer)
{
    std::string text = "the configuration was read again and is in force\n";
    for (const auto& [index, message] : at(answer, "messages").items())
        text += "  " + inline_text(message) + '\n';
    return text;
}

namespace {

constexpr std::size_t max_names = 20;

/// Adds `3 removed: a, b, c`, or nothing.
void add_names(Lines& lines, const std::string& section, const Json& names, const char* what)
{
    if (names.empty())
        return;
    std::string text = std::to_string(names.size()) + ' ' + what + ": ";
    for (std::size_t index = 0; index < std::min(names.size(), max_names); ++index)
        text += (index == 0 ? "" : ", ") + inline_text(names[index]);
    if (names.size() > max_names)
        text += " and " + std::to_string(names.size() - max_names) + " more";
    lines.add(section, text);
}

} // namespace

std::string render_rehearsal(const Json& answer)
{
    Lines lines(2);
    for (const char* const section : {"webhooks", "dialplans", "notifications"}) {
        const Json& changes = at(answer, section);
        if (!changes.is_object())
            continue;
        for (const char* const what : {"added", "changed", "removed"})
            add_names(lines, section, at(changes, what), what);
    }
    add_names(lines, "settings", at(answer, "settings"), "changed");
    std::string text = lines.text().empty() ? "a reload would change nothing\n" : "a reload would change this:\n";
    text += lines.text();
    for (const auto& [index, message] : at(answer, "messages").items())
        text += "  " + inline_text(message) + '\n';
    return text;
}

} // namespace dialhook::ctl
