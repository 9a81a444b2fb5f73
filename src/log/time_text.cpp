#include "log/time_text.hpp"

#include "base/digits.hpp"
#include "base/utc.hpp"

#include <algorithm>

namespace dialhook::log {

std::string_view TimeText::of(Time time)
{
    using namespace std::chrono;
    const auto second = floor<seconds>(time);
    if (second != second_) {
        second_ = second;
        constexpr std::string_view no_fraction = ".000Z";
        std::copy(no_fraction.begin(), no_fraction.end(), put_utc_second(text_.data(), second));
    }
    char* const fraction = text_.data() + text_.size() - sizeof "123Z" + 1;
    put_digits(fraction, floor<milliseconds>(time - second).count(), 3);
    return {text_.data(), text_.size()};
}

} // namespace dialhook::log
