#pragma once

#include <spdlog/fwd.h>

#include <string_view>

namespace dialhook::log {

/// How important a record is: spdlog's enumeration by the words of the configuration. spdlog's own header of it is left
/// out here, since it adds half a second to every file that logs; log.cpp asserts that the values are spdlog's.
class Level
{
public:
    using Enum = spdlog::level::level_enum;

    static const Level debug;
    static const Level info;
    static const Level warning;
    static const Level error;

    constexpr Level(Enum level)
        : level_(level)
    {
    }
    constexpr operator Enum() const { return level_; }

private:
    Enum level_;
};

inline constexpr Level Level::debug{Enum{1}};
inline constexpr Level Level::info{Enum{2}};
inline constexpr Level Level::warning{Enum{3}};
inline constexpr Level Level::error{Enum{4}};

/// Returns "debug", "info", "warning" or "error".
std::string_view name(Level level);

} // namespace dialhook::log
