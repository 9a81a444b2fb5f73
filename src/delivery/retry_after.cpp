#include "delivery/retry_after.hpp"

#include "base/ascii.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>
#include <string>

namespace dialhook::delivery {
namespace {

using std::chrono::seconds;

/// Longer than any retry is put off, and far from where sums with it would overflow.
constexpr seconds very_long = std::chrono::hours(24 * 365);

std::optional<seconds> read_seconds(std::string_view value)
{
    if (value.empty() || !std::all_of(value.begin(), value.end(), ascii::is_digit))
        return std::nullopt;
    long long count = 0;
    const auto read = std::from_chars(value.data(), value.data() + value.size(), count);
    return read.ec == std::errc() ? std::min(seconds(count), very_long) : very_long;
}

/// Reads the preferred form, and the two obsolete ones that a recipient has to accept (RFC 9110, 5.6.7). The daemon
/// never leaves the locale "C", in which the names of days and months are those of HTTP.
std::optional<std::time_t> read_date(const std::string& value)
{
    constexpr std::array<const char*, 3> forms{"%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT",
                                               "%a %b %e %H:%M:%S %Y"};
    for (const char* const form : forms) {
        std::tm date{};
        const char* const end = ::strptime(value.c_str(), form, &date);
        if (end != nullptr && *end == '\0')
            return ::timegm(&date);
    }
    return std::nullopt;
}

} // namespace

std::optional<seconds> read_retry_after(std::string_view value, std::chrono::system_clock::time_point now)
{
    if (const auto written = read_seconds(value))
        return written;
    const auto date = read_date(std::string(value));
    if (!date)
        return std::nullopt;
    const auto left = std::chrono::ceil<seconds>(std::chrono::system_clock::from_time_t(*date) - now);
    return std::clamp(left, seconds(0), very_long);
}

} // namespace dialhook::delivery
