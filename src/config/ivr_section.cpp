#include "config/ivr_section.hpp"

#include "base/text.hpp"
#include "config/odd_text.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace dialhook::config {
namespace {

constexpr std::uint16_t max_attempts_limit = 100;
constexpr std::uint16_t max_digits_limit = 256;
constexpr std::size_t max_message = 256;

KeyTable<Ivr>::Read message_into(std::string Ivr::*member)
{
    return [member](const Value& value, Ivr& ivr) {
        constexpr std::string_view expected = "the name of an audio file, at most 256 bytes, such as enter-code";
        const auto text = value.text(expected);
        if (!text)
            return;
        if (text->empty() || text->size() > max_message)
            return value.unexpected(expected);
        if (text::has_controls(*text))
            return value.fault("the name holds a control character; remove it");
        warn_of_odd_text(value);
        ivr.*member = *text;
    };
}

void read_terminator(const Value& value, Ivr& ivr)
{
    constexpr std::string_view expected = "one key of a telephone (0 to 9, *, #, A to D) in quotes, such as \"#\"";
    const auto text = value.text(expected);
    if (!text)
        return;
    if (text->size() != 1 || !Code::is_key(text->front()))
        return value.unexpected(expected);
    ivr.terminator = text->front();
}

KeyTable<Ivr> make_ivr_keys()
{
    using namespace std::chrono_literals;
    KeyTable<Ivr> keys;
    keys.time("timeout", &Ivr::timeout, 1ms, "Time that the caller has to enter a code.");
    keys.number<Ivr, std::uint16_t>("max_attempts", &Ivr::max_attempts, 1, max_attempts_limit,
                                    "How many codes the caller may enter.");
    keys.key({"start_message", "audio file", "required", "1 to 256 bytes", "Played before the first code."},
             message_into(&Ivr::start_message));
    keys.key({"incorrect_message", "audio file", "required", "1 to 256 bytes", "Played after a code that got a NAK."},
             message_into(&Ivr::incorrect_message));
    keys.key({"timeout_message", "audio file", "required", "1 to 256 bytes", "Played when no code came in time."},
             message_into(&Ivr::timeout_message));
    keys.number<Ivr, std::uint16_t>("max_digits", &Ivr::max_digits, 1, max_digits_limit, "Longest code.");
    keys.key({"terminator", "key", code(std::string(1, Ivr{}.terminator)), "`0` to `9`, `*`, `#`, `A` to `D`",
              "Key that ends a code; it needs quotes in YAML."},
             read_terminator);
    return keys;
}

} // namespace

const KeyTable<Ivr>& ivr_keys()
{
    static const auto keys = make_ivr_keys();
    return keys;
}

std::shared_ptr<const Ivr> read_ivr(const Value& value)
{
    const auto ivr = std::make_shared<Ivr>();
    if (!ivr_keys().read(value, *ivr))
        return ivr;
    constexpr std::array<std::string_view, 3> required{"start_message", "incorrect_message", "timeout_message"};
    for (const auto key : required)
        if (!value.entry(key))
            value.fault_at_key("the key \"" + std::string(key) + "\" is missing; it names an audio file of the PBX");
    return ivr;
}

} // namespace dialhook::config
