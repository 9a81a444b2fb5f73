#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

namespace dialhook::net {

/// One HTTP response, read whole: what the rest of the daemon needs of it.
struct Response
{
    static constexpr std::size_t max_head = 16384;
    static constexpr std::size_t max_body = 65536;

    int status = 0;
    std::string body;
    std::string location;    ///< of a redirect; empty: none
    std::string retry_after; ///< when to ask again, as the web server wrote it; empty: it did not say
    std::optional<std::chrono::seconds> keep_alive; ///< how long the web server keeps an idle connection, if it says so
    bool body_is_coded = false;   ///< compressed or the like, though nothing of the kind was asked for
    bool length_is_wrong = false; ///< more came together with the body than its declared end lets it have
    bool body_is_cut = false;     ///< it broke off or was late, and the head is enough; `body` is empty then
    bool body_too_long = false;   ///< more than `max_body`; `body` is empty then
};

} // namespace dialhook::net
