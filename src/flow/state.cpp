#include "base/base64.hpp"
#include "base/text.hpp"
#include "dialplan/key.hpp"
#include "flow/conversation.hpp"
#include "webhook/webhook.hpp"

#include <boost/crc.hpp>

#include <utility>

namespace dialhook::flow {
namespace {

constexpr std::string_view version_prefix = "dh1.";

enum Flag : unsigned
{
    prohibited = 1,
    explain = 2,
    has_key = 4,
    has_trace = 8,
    is_sampled = 16,
    has_vars = 32,
    all_flags = 63
};

constexpr unsigned min_http_status = 100;
constexpr unsigned max_http_status = 999;

std::uint32_t checksum(std::string_view bytes)
{
    boost::crc_32_type crc;
    crc.process_bytes(version_prefix.data(), version_prefix.size());
    crc.process_bytes(bytes.data(), bytes.size());
    return crc.checksum();
}

void append_number(std::string& out, std::uint32_t value, unsigned bytes)
{
    while (bytes-- != 0)
        out += static_cast<char>(value >> (8 * bytes) & 0xFFU);
}

void append_text(std::string& out, std::string_view text)
{
    append_number(out, static_cast<std::uint32_t>(text.size()), 2);
    out += text;
}

/// Takes fields off the front of bytes; once something is missing, all that follows is missing too.
class Fields
{
public:
    explicit Fields(std::string_view bytes)
        : rest_(bytes)
    {
    }

    std::uint32_t number(unsigned bytes)
    {
        std::uint32_t value = 0;
        for (const char byte : take(bytes))
            value = value << 8U | static_cast<unsigned char>(byte);
        return value;
    }
    std::uint64_t long_number()
    {
        const std::uint64_t upper = number(4);
        return upper << 32U | number(4);
    }
    std::string_view text() { return take(number(2)); }

    bool all_taken() const { return whole_ && rest_.empty(); }

private:
    std::string_view take(std::size_t size)
    {
        if (size > rest_.size()) {
            whole_ = false;
            rest_ = {};
            return {};
        }
        const std::string_view taken = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return taken;
    }

    std::string_view rest_;
    bool whole_ = true;
};

unsigned flags_of(const Conversation& conversation)
{
    const Trace& trace = conversation.call.trace;
    return (conversation.call.presentation == Presentation::prohibited ? prohibited : 0U) |
           (conversation.explain ? explain : 0U) | (conversation.key ? has_key : 0U) |
           (trace.is_known() ? has_trace : 0U) | (trace.is_known() && trace.sampled ? is_sampled : 0U) |
           (conversation.call.vars.empty() ? 0U : has_vars);
}

void append_id(std::string& out, const Trace& trace)
{
    for (const std::uint64_t half : {trace.high, trace.low}) {
        append_number(out, static_cast<std::uint32_t>(half >> 32U), 4);
        append_number(out, static_cast<std::uint32_t>(half), 4);
    }
}

std::string fields_of(const Conversation& conversation)
{
    const Call& call = conversation.call;
    std::string out;
    append_number(out, flags_of(conversation), 1);
    append_number(out, conversation.attempt, 2);
    append_number(out, static_cast<std::uint32_t>(conversation.http_status.value_or(0)), 2);
    append_text(out, call.did.view());
    append_text(out, call.callerid.view());
    append_text(out, call.callername.view());
    append_text(out, call.call_id.view());
    append_text(out, conversation.webhook);
    if (conversation.key)
        append_text(out, *conversation.key);
    if (call.trace.is_known())
        append_id(out, call.trace);
    if (call.vars.empty())
        return out;
    append_number(out, static_cast<std::uint32_t>(call.vars.size()), 1);
    for (const CallVar& var : call.vars) {
        append_text(out, var.name);
        append_text(out, var.value);
    }
    return out;
}

/// Reads them as they are written: ordered by name, each name once. Returns nullopt if they are not.
std::optional<CallVars> read_vars(Fields& fields)
{
    CallVars vars;
    const std::uint32_t count = fields.number(1);
    if (count == 0 || count > max_call_vars)
        return std::nullopt;
    for (std::uint32_t index = 0; index < count; ++index) {
        const std::string_view name = fields.text();
        const std::string_view value = fields.text();
        const bool is_in_order = vars.empty() || vars.back().name < name;
        if (!is_in_order || !is_var_name(name) || value.size() > max_var_value || !text::is_utf8(value))
            return std::nullopt;
        vars.push_back({std::string(name), std::string(value)});
    }
    return vars;
}

bool is_http_status(std::uint32_t value)
{
    return value == 0 || (value >= min_http_status && value <= max_http_status);
}

boost::system::result<Conversation, BadState> read_fields(std::string_view bytes)
{
    Fields fields(bytes);
    const auto flags = fields.number(1);
    const auto attempt = fields.number(2);
    const auto http_status = fields.number(2);
    auto did = Did::from(fields.text());
    auto callerid = CallText::from(fields.text());
    auto callername = CallerName::from(fields.text());
    auto call_id = CallText::from(fields.text());
    const auto webhook = WebhookName::from(fields.text());
    const std::string_view key = (flags & has_key) != 0 ? fields.text() : std::string_view();
    Trace trace;
    if ((flags & has_trace) != 0) {
        trace.high = fields.long_number();
        trace.low = fields.long_number();
        trace.sampled = (flags & is_sampled) != 0;
    }
    const auto vars = (flags & has_vars) != 0 ? read_vars(fields) : CallVars();
    const bool is_fit =
        trace.is_known() == ((flags & has_trace) != 0) && (flags & (has_trace | is_sampled)) != is_sampled;
    if (!fields.all_taken() || flags > all_flags || !is_fit || (attempt == 0 && (flags & has_key) == 0) ||
        !is_http_status(http_status) || !did || !callerid || !callername || !call_id || !webhook || !vars ||
        key.size() > dialplan::max_key)
        return BadState::damaged;

    Conversation conversation{
        .call = {.did = *std::move(did),
                 .callerid = *std::move(callerid),
                 .callername = *std::move(callername),
                 .call_id = *std::move(call_id),
                 .presentation = (flags & prohibited) != 0 ? Presentation::prohibited : Presentation::allowed,
                 .trace = trace,
                 .vars = *vars},
        .key = {},
        .webhook = webhook->str(),
        .attempt = static_cast<std::uint16_t>(attempt),
        .http_status = {},
        .explain = (flags & explain) != 0};
    if ((flags & has_key) != 0)
        conversation.key = key;
    if (http_status != 0)
        conversation.http_status = static_cast<int>(http_status);
    return conversation;
}

bool is_of_other_version(std::string_view state)
{
    const auto version = state.substr(0, state.find('.'));
    return state.size() > version.size() && version.size() > 2 && version.starts_with("dh") &&
           version.find_first_not_of("0123456789", 2) == std::string_view::npos;
}

} // namespace

std::string_view to_string(BadState fault)
{
    switch (fault) {
    case BadState::other_version:
        return "state was made by another version of the daemon; ask again with call.route";
    case BadState::damaged:
        return "state is not what the daemon handed out; send it back unchanged and whole";
    }
    return {};
}

std::string to_state(const Conversation& conversation)
{
    std::string bytes = fields_of(conversation);
    append_number(bytes, checksum(bytes), 4);
    return std::string(version_prefix) + base64::encoded(bytes, base64::Form::url);
}

boost::system::result<Conversation, BadState> from_state(std::string_view state)
{
    if (!state.starts_with(version_prefix))
        return is_of_other_version(state) ? BadState::other_version : BadState::damaged;
    const auto bytes = base64::decoded(state.substr(version_prefix.size()), base64::Form::url);
    if (!bytes || bytes->size() < 4)
        return BadState::damaged;
    const std::string_view fields = std::string_view(*bytes).substr(0, bytes->size() - 4);
    Fields sum(std::string_view(*bytes).substr(fields.size()));
    if (sum.number(4) != checksum(fields))
        return BadState::damaged;
    return read_fields(fields);
}

} // namespace dialhook::flow
