#include "fastagi/environment.hpp"

#include <algorithm>

namespace dialhook::fastagi {

bool Environment::take(std::string_view line)
{
    const auto colon = line.find(':');
    const std::string_view name = line.substr(0, colon);
    const auto is_name_byte = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
    if (colon == std::string_view::npos || !name.starts_with("agi_") || !std::ranges::all_of(name, is_name_byte) ||
        values_.size() == max_lines || bytes_ + line.size() > max_bytes)
        return false;
    bytes_ += line.size();
    std::string_view value = line.substr(colon + 1);
    if (value.starts_with(' '))
        value.remove_prefix(1);
    values_.emplace(name, value);
    return true;
}

std::string_view Environment::value(const std::string& name) const
{
    const auto found = values_.find(name);
    if (found == values_.end() || found->second == "unknown")
        return {};
    return found->second;
}

} // namespace dialhook::fastagi
