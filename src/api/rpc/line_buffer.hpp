#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace dialhook::rpc {

/// Cuts lines out of what a connection brings. A line is taken where it was read; only the start of one that is not
/// whole is copied.
class LineBuffer
{
public:
    /// Calls `take` with each line that `bytes` end, without its line end, until it returns false. Returns false then.
    template <class Take>
    bool add(std::string_view bytes, Take take)
    {
        const std::size_t scanned = start_.size(); // holds no line end
        if (scanned != 0) {
            start_ += bytes;
            bytes = start_;
        }
        std::size_t at = 0;
        bool goes_on = true;
        while (goes_on) {
            const std::size_t end = bytes.find('\n', std::max(at, scanned));
            if (end == std::string_view::npos)
                break;
            goes_on = take(bytes.substr(at, end - at));
            at = end + 1;
        }
        if (scanned != 0)
            start_.erase(0, at);
        else
            start_ = bytes.substr(at);
        return goes_on;
    }

    /// Returns the line that is not whole yet, or empty.
    std::string_view start() const { return start_; }

    void clear() { start_.clear(); }

private:
    std::string start_;
};

} // namespace dialhook::rpc
