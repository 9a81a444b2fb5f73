#include "log/time_text.hpp"

#include "log/digits.hpp"

namespace dialhook::log {

std::string_view TimeText::of(Time time)
{
    using namespace std::chrono;
    const auto second = floor<seconds>(time);
    if (second != second_) {
        second_ = second;
        write_second();
    }
    char* const fraction = text_.data() + text_.size() - sizeof "123Z" + 1;
    put_digits(fraction, floor<milliseconds>(time - second).count(), 3);
    return {text_.data(), text_.size()};
}

void TimeText::write_second()
{
    using namespace std::chrono;
    const auto day = floor<days>(second_);
    const year_month_day date(day);
    const hh_mm_ss clock(second_ - day);

    char* place = text_.data();
    const auto put = [&place](std::int64_t number, unsigned width, char behind) {
        place = put_digits(place, number, width);
        *place++ = behind;
    };
    put(static_cast<int>(date.year()), 4, '-');
    put(static_cast<unsigned>(date.month()), 2, '-');
    put(static_cast<unsigned>(date.day()), 2, 'T');
    put(clock.hours().count(), 2, ':');
    put(clock.minutes().count(), 2, ':');
    put(clock.seconds().count(), 2, '.');
    put(0, 3, 'Z');
}

} // namespace dialhook::log
