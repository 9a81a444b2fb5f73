#pragma once

#include <cstdint>

namespace dialhook::log {

/// Writes the last `width` decimal digits of `number`, zeros in front, and returns the place behind them. `number` is
/// not negative.
inline char* put_digits(char* place, std::int64_t number, unsigned width)
{
    for (unsigned index = width; index-- > 0; number /= 10)
        place[index] = static_cast<char>('0' + number % 10);
    return place + width;
}

} // namespace dialhook::log
