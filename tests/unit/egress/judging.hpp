#pragma once

#include "egress/rules.hpp"

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace dialhook::egress {

inline std::vector<Entry> entries(std::initializer_list<std::string_view> texts)
{
    std::vector<Entry> result;
    for (const auto text : texts)
        result.push_back(Entry::parse(text).value());
    return result;
}

inline boost::asio::ip::address ip(std::string_view text)
{
    return boost::asio::ip::make_address(std::string(text));
}

/// The whole sentence, or "open".
inline std::string verdict(const Rules& rules, std::string_view host, std::string_view address)
{
    const auto denial = rules.judge(host, ip(address));
    return denial ? denial->sentence() : "open";
}

/// What closed it, or "open": of a request to a name that no rule knows.
inline std::string rule_for(const Rules& rules, std::string_view address)
{
    const auto denial = rules.judge("crm.example", ip(address));
    return denial ? denial->rule : "open";
}

} // namespace dialhook::egress
