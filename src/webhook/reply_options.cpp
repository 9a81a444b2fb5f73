#include "webhook/reply_options.hpp"

#include "base/ascii.hpp"

#include <algorithm>
#include <vector>

namespace dialhook {

std::string ReplyTarget::place() const
{
    std::string text;
    for (const std::string& token : pointer) {
        text += '/';
        for (const char byte : token) {
            if (byte == '~')
                text += "~0";
            else if (byte == '/')
                text += "~1";
            else
                text += byte;
        }
    }
    return text;
}

ReplyTarget reply_key(ReplyField field, std::string_view name)
{
    return {
        .field = field, .variable = {}, .key = std::string(name), .pointer = {std::string(name)}, .in_any_case = true};
}

bool is_variable_name(std::string_view name)
{
    return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
        return ascii::is_alphanumeric(c) || c == '_' || c == '-';
    });
}

const ReplyOptions& ReplyOptions::standard()
{
    static const ReplyOptions options{
        .targets = {reply_key(ReplyField::status, "status"), reply_key(ReplyField::destination, "destination"),
                    reply_key(ReplyField::callername, "callername"), reply_key(ReplyField::ring, "ring")}};
    return options;
}

ReplyOptions ReplyOptions::with_destinations(std::uint8_t most) const
{
    ReplyOptions options = *this;
    options.max_destinations = most;
    std::erase_if(options.targets, [](const ReplyTarget& target) { return target.field == ReplyField::strategy; });
    if (most == 1)
        return options;
    const auto ring = std::ranges::find(options.targets, ReplyField::ring, &ReplyTarget::field);
    options.targets.insert(ring, reply_key(ReplyField::strategy, "strategy"));
    return options;
}

} // namespace dialhook
