#include "base/rfc3339.hpp"

#include "base/ascii.hpp"

#include <algorithm>
#include <cstddef>

namespace dialhook {
namespace {

using namespace std::chrono;

constexpr int first_year = 1970;
constexpr int last_year = 2261;

/// Takes a text front to back. After the first thing that is missing everything is.
class Scanner
{
public:
    explicit Scanner(std::string_view text)
        : rest_(text)
    {
    }

    bool failed() const { return failed_; }
    bool at_end() const { return !failed_ && rest_.empty(); }

    /// Takes exactly `width` digits.
    int number(std::size_t width)
    {
        if (rest_.size() < width || !std::all_of(rest_.begin(), rest_.begin() + width, ascii::is_digit)) {
            failed_ = true;
            return 0;
        }
        int value = 0;
        for (; width-- > 0; rest_.remove_prefix(1))
            value = value * 10 + (rest_.front() - '0');
        return value;
    }

    /// Takes one of `bytes` and returns it.
    char one_of(std::string_view bytes)
    {
        if (failed_ || rest_.empty() || bytes.find(rest_.front()) == std::string_view::npos) {
            failed_ = true;
            return '\0';
        }
        const char taken = rest_.front();
        rest_.remove_prefix(1);
        return taken;
    }

    /// Takes `.` and digits, if they are there.
    nanoseconds fraction()
    {
        if (failed_ || !rest_.starts_with('.'))
            return {};
        rest_.remove_prefix(1);
        failed_ = rest_.empty() || !ascii::is_digit(rest_.front());
        nanoseconds value{};
        for (nanoseconds place = milliseconds(100); !rest_.empty() && ascii::is_digit(rest_.front()); place /= 10) {
            value += place * (rest_.front() - '0');
            rest_.remove_prefix(1);
        }
        return value;
    }

private:
    std::string_view rest_;
    bool failed_ = false;
};

/// Reads `Z`, `+02:00` or `-08:00`. Out of range it fails as a letter would.
std::optional<minutes> offset(Scanner& scanner)
{
    const char sign = scanner.one_of("Zz+-");
    if (scanner.failed() || sign == 'Z' || sign == 'z')
        return minutes(0);
    const int hour = scanner.number(2);
    scanner.one_of(":");
    const int minute = scanner.number(2);
    if (hour > 23 || minute > 59)
        return std::nullopt;
    const minutes distance = hours(hour) + minutes(minute);
    return sign == '-' ? -distance : distance;
}

std::optional<year_month_day> date(Scanner& scanner)
{
    const int year_number = scanner.number(4);
    scanner.one_of("-");
    const auto month_number = static_cast<unsigned>(scanner.number(2));
    scanner.one_of("-");
    const auto day_number = static_cast<unsigned>(scanner.number(2));
    const year_month_day date{year(year_number), month(month_number), day(day_number)};
    if (!date.ok() || year_number < first_year || year_number > last_year)
        return std::nullopt;
    return date;
}

std::optional<nanoseconds> time_of_day(Scanner& scanner)
{
    const int hour = scanner.number(2);
    scanner.one_of(":");
    const int minute = scanner.number(2);
    scanner.one_of(":");
    const int second = scanner.number(2);
    if (hour > 23 || minute > 59 || second > 60)
        return std::nullopt;
    return hours(hour) + minutes(minute) + seconds(second) + scanner.fraction();
}

} // namespace

std::optional<system_clock::time_point> from_rfc3339(std::string_view text)
{
    Scanner scanner(text);
    const auto day = date(scanner);
    scanner.one_of("Tt");
    const auto time = time_of_day(scanner);
    const auto from_utc = offset(scanner);
    if (!scanner.at_end() || !day || !time || !from_utc)
        return std::nullopt;
    return system_clock::time_point(sys_days(*day)) + *time - *from_utc;
}

} // namespace dialhook
