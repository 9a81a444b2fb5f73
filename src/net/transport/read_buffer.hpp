#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace dialhook::net {

/// Read buffer of a connection. Starts small, so that hanging calls hold little memory; grows once a reply filled it.
class ReadBuffer
{
public:
    std::span<char> room() { return {bytes_.data(), bytes_.size()}; }
    char& front() { return bytes_.front(); }

    /// Returns the first `size` bytes.
    std::string_view read(std::size_t size) const { return std::string_view(bytes_).substr(0, size); }

    /// Doubles the buffer if a read of `size` bytes filled it. The bytes read must be used up.
    void fit(std::size_t size)
    {
        if (size == bytes_.size() && size < max_size)
            bytes_.resize(2 * size);
    }

private:
    static constexpr std::size_t min_size = 256;
    static constexpr std::size_t max_size = 8192;

    std::string bytes_ = std::string(min_size, '\0');
};

} // namespace dialhook::net
