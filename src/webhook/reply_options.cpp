#include <dialhook/webhook/reply_options.hpp>

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

const ReplyOptions& ReplyOptions::standard()
{
    static const ReplyOptions options{.targets = {reply_key(ReplyField::status, "status"),
                                                  reply_key(ReplyField::destination, "destination"),
                                                  reply_key(ReplyField::callername, "callername")}};
    return options;
}

} // namespace dialhook
