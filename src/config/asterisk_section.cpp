#include "config/asterisk_section.hpp"

#include <string>
#include <string_view>

namespace dialhook::config {
namespace {

using Arguments = dialplan::ArgumentTemplate;

void add(KeyTable<AsteriskSettings>& keys, std::string_view name, Arguments AsteriskSettings::*member,
         std::string_view placeholder, std::string meaning)
{
    const std::string mark = "${" + std::string(placeholder) + "}";
    keys.key(
        {name, "text with " + code(mark), code((AsteriskSettings{}.*member).str(placeholder)), "", std::move(meaning)},
        [member, placeholder, mark](const Value& value, AsteriskSettings& settings) {
            const std::string expected =
                "the arguments of an application of Asterisk with " + mark + " in them once, and no other $";
            const auto text = value.text(expected);
            if (!text)
                return;
            if (auto arguments = Arguments::from(*text, placeholder))
                settings.*member = *std::move(arguments);
            else
                value.unexpected(expected);
        });
}

KeyTable<AsteriskSettings> make_asterisk_keys()
{
    KeyTable<AsteriskSettings> keys;
    add(keys, "dial", &AsteriskSettings::dial, "destination",
        "Arguments of `Dial` for a number, such as `PJSIP/${destination}@trunk,30`. The default has Asterisk's context "
        "`from-internal` reach it, and rings for 30 s.");
    add(keys, "dial_sip", &AsteriskSettings::dial_sip, "destination",
        "Arguments of `Dial` for a SIP URI; `dialhook` is an endpoint of yours without an address of its own.");
    add(keys, "play", &AsteriskSettings::play, "file", "Arguments of `Playback` for a `play` step.");
    add(keys, "queue", &AsteriskSettings::queue, "queue", "Arguments of `Queue` for a `queue` step.");
    add(keys, "voicemail", &AsteriskSettings::voicemail, "mailbox",
        "Arguments of `VoiceMail` for a `voicemail` step, such as `${mailbox}@default,u`.");
    return keys;
}

} // namespace

const KeyTable<AsteriskSettings>& asterisk_keys()
{
    static const auto keys = make_asterisk_keys();
    return keys;
}

} // namespace dialhook::config
