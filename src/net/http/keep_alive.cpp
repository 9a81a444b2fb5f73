#include "net/http/keep_alive.hpp"

#include <charconv>
#include <cstdint>

namespace dialhook::net {

std::optional<std::chrono::seconds> keep_alive_timeout(std::string_view field)
{
    constexpr std::string_view name = "timeout=";
    const auto at = field.find(name);
    if (at == std::string_view::npos)
        return std::nullopt;
    const std::string_view digits = field.substr(at + name.size());
    std::uint32_t seconds = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), seconds);
    return read.ec == std::errc() ? std::optional(std::chrono::seconds(seconds)) : std::nullopt;
}

} // namespace dialhook::net
