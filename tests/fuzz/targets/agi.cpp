#include "api/fastagi/command.hpp"
#include "api/fastagi/environment.hpp"
#include "api/fastagi/event_script.hpp"
#include "api/fastagi/reply.hpp"
#include "api/fastagi/script.hpp"
#include "base/text.hpp"
#include "fuzz/lines.hpp"
#include "fuzz/require.hpp"
#include "fuzz/targets.hpp"

#include <string>

namespace dialhook::fuzz {
namespace {

using fastagi::AgiReplyReader;
namespace command = fastagi::command;

/// What Asterisk makes of a quoted argument.
std::string unquoted(std::string_view text)
{
    std::string value;
    for (std::size_t index = 1; index + 1 < text.size(); ++index) {
        if (text[index] == '\\')
            ++index;
        value += text[index];
    }
    return value;
}

/// Whether the first quote after the opening one that is not escaped ends the text.
bool ends_at_first_quote(std::string_view text)
{
    for (std::size_t index = 1; index < text.size(); ++index) {
        if (text[index] == '\\')
            ++index;
        else if (text[index] == '"')
            return index + 1 == text.size();
    }
    return false;
}

void require_one_argument(std::string_view utf8)
{
    const std::string quoted = command::quoted(utf8);
    require(quoted.size() <= fastagi::Command::max_bytes, "an argument is short enough for Asterisk");
    require(command::set_variable(utf8, utf8).line().size() <= fastagi::Command::max_bytes, "a command is as well");
    require(quoted.size() >= 2 && quoted.front() == '"' && ends_at_first_quote(quoted),
            "an argument stays within its quotes");
    require(!text::has_controls(quoted) && text::is_utf8(quoted), "a command holds no control character");
    require(text::without_controls(std::string(utf8)).starts_with(unquoted(quoted)), "Asterisk reads what was meant");
}

void read_event(const fastagi::AgiEnvironment& environment)
{
    const auto report = fastagi::read_event_script(environment);
    if (report)
        require(report->facts.targets.size() <= events::max_targets, "only so many telephones ring");
    else
        require(!report.error().why.empty(), "a refusal says why");
}

/// A channel that sends `input`, answered as far as it makes sense.
void read_environment(std::string_view input)
{
    fastagi::AgiEnvironment environment;
    while (!input.empty()) {
        const std::string_view line = take_line(input);
        if (!environment.take(line))
            break;
    }
    if (fastagi::says_event(environment))
        return read_event(environment);
    const auto script = fastagi::read_script(environment);
    if (!script) {
        require(!script.error().why.empty(), "a refusal says why");
        return;
    }
    for (const std::string_view text : {script->call.did.view(), script->call.callerid.view(),
                                        script->call.callername.view(), script->call.call_id.view()})
        require_one_argument(text);
}

void read_replies(std::string_view input)
{
    AgiReplyReader reader;
    while (!input.empty()) {
        const auto step = reader.take(take_line(input));
        if (step == AgiReplyReader::Step::nonsense)
            return;
        if (step == AgiReplyReader::Step::more)
            continue;
        const fastagi::AgiReply reply = reader.reply();
        require(reply.code == 200 || reply.code == 510 || reply.code == 511 || reply.code == 520,
                "only Asterisk's codes are replies");
        require(reply.is_ok() || reply.failed(), "a reply is good or bad");
        require(reply.is_ok() || reply.result.empty(), "only a good reply has a result");
        reader = {};
    }
}

} // namespace

/// Lines of Asterisk: the environment block of a channel, or replies to commands.
void agi(std::string_view input)
{
    read_environment(input);
    read_replies(input);
    require_one_argument(text::utf8_or_windows_1252(std::string(input)));
}

} // namespace dialhook::fuzz
