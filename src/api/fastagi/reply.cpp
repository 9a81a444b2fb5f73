#include "api/fastagi/reply.hpp"

#include <algorithm>

namespace dialhook::fastagi {
namespace {

constexpr std::string_view result_mark = "result=";

bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/// `200 result=55 endpos=800`, `200 result=12 (timeout)`, `200 result= (timeout)`, `200 result=1 (a value (of any
/// kind))`
std::optional<AgiReply> read_ok(std::string_view rest)
{
    if (!rest.starts_with(result_mark))
        return std::nullopt;
    rest.remove_prefix(result_mark.size());
    const auto space = rest.find(' ');
    AgiReply reply{200, std::string(rest.substr(0, space)), {}};
    const std::string_view behind = space == std::string_view::npos ? "" : rest.substr(space + 1);
    if (behind.starts_with('(') && behind.ends_with(')'))
        reply.detail = behind.substr(1, behind.size() - 2);
    return reply;
}

} // namespace

AgiReplyReader::Step AgiReplyReader::take(std::string_view line)
{
    if (in_usage_) {
        in_usage_ = !line.starts_with("520 ");
        return in_usage_ ? Step::more : Step::whole;
    }
    if (line.size() < 4 || !std::all_of(line.begin(), line.begin() + 3, is_digit) || (line[3] != ' ' && line[3] != '-'))
        return Step::nonsense;
    reply_ = AgiReply{(line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0'), {}, {}};
    if (line[3] == '-') {
        in_usage_ = reply_.code == 520;
        return in_usage_ ? Step::more : Step::nonsense;
    }
    if (reply_.code == 510 || reply_.code == 511 || reply_.code == 520)
        return Step::whole;
    if (reply_.code != 200)
        return Step::nonsense;
    auto read = read_ok(line.substr(4));
    if (!read)
        return Step::nonsense;
    reply_ = *std::move(read);
    return Step::whole;
}

} // namespace dialhook::fastagi
