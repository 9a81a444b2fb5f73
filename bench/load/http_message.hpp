#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace dialhook::bench {

/// One HTTP response at the front of what was received.
struct HttpMessage
{
    std::size_t size; ///< bytes that it takes
    std::string_view body;
    std::string_view fault; ///< what is wrong with its head; empty: it is a 200 with a length
};

/// The first response in `received`, once it is there whole.
std::optional<HttpMessage> first_message(std::string_view received);

} // namespace dialhook::bench
