#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace dialhook::net {

/// Where a connection reads to: little for a call that hangs, more once a reply filled it, for then this web server's
/// replies are long.
class ReadBuffer
{
public:
    std::span<char> room() { return {bytes_.data(), bytes_.size()}; }
    char& front() { return bytes_.front(); }

    /// The first `size` bytes.
    std::string_view read(std::size_t size) const { return std::string_view(bytes_).substr(0, size); }

    /// After a read of `size` bytes, of which nothing is needed any more.
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
