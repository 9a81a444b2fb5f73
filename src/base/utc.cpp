#include "base/utc.hpp"

#include "base/digits.hpp"

namespace dialhook {

char* put_utc_second(char* place, std::chrono::sys_seconds second)
{
    using namespace std::chrono;
    const auto day = floor<days>(second);
    const year_month_day date(day);
    const hh_mm_ss clock(second - day);
    const auto put = [&place](std::int64_t number, unsigned width, char after) {
        place = put_digits(place, number, width);
        *place++ = after;
    };
    put(static_cast<int>(date.year()), 4, '-');
    put(static_cast<unsigned>(date.month()), 2, '-');
    put(static_cast<unsigned>(date.day()), 2, 'T');
    put(clock.hours().count(), 2, ':');
    put(clock.minutes().count(), 2, ':');
    return put_digits(place, clock.seconds().count(), 2);
}

std::string utc(std::chrono::system_clock::time_point at)
{
    std::string text(utc_second_size, '\0');
    put_utc_second(text.data(), std::chrono::floor<std::chrono::seconds>(at));
    return text + 'Z';
}

std::int64_t milliseconds_since_1970(std::chrono::system_clock::time_point at)
{
    return std::chrono::duration_cast<std::chrono::milliseconds>(at.time_since_epoch()).count();
}

} // namespace dialhook
