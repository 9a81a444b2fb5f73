#include "ctl/code_source.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

namespace dialhook::ctl {

CodeSource::CodeSource(std::vector<std::string> codes, int descriptor)
    : codes_(std::move(codes))
    , descriptor_(descriptor)
{
}

std::optional<std::string> CodeSource::next(std::chrono::milliseconds timeout)
{
    return given_ < codes_.size() ? codes_[given_++] : next_line(timeout);
}

std::optional<std::string> CodeSource::next_line(std::chrono::milliseconds timeout)
{
    using Clock = std::chrono::steady_clock;
    const auto deadline = Clock::now() + timeout;
    while (true) {
        if (const auto end = read_.find('\n'); end != std::string::npos) {
            std::string line = read_.substr(0, end);
            read_.erase(0, end + 1);
            return line;
        }
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
        pollfd input{descriptor_, POLLIN, 0};
        if (left <= 0 || ::poll(&input, 1, static_cast<int>(std::min<long long>(left, 1'000'000))) < 0)
            return std::nullopt;
        if (input.revents == 0)
            continue;
        std::array<char, 512> portion{};
        const auto size = ::read(descriptor_, portion.data(), portion.size());
        if (size <= 0)
            return std::nullopt;
        read_.append(portion.data(), static_cast<std::size_t>(size));
    }
}

} // namespace dialhook::ctl
