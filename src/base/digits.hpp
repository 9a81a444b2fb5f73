#pragma once

#include <cstdint>

namespace dialhook {

/// Writes the last `width` decimal digits of `number`, with leading zeros, and returns the end. `number` is
/// not negative.
inline char* put_digits(char* place, std::int64_t number, unsigned width)
{
    for (unsigned index = width; index-- > 0; number /= 10)
        place[index] = static_cast<char>('0' + number % 10);
    return place + width;
}

} // namespace dialhook
