#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace dialhook::status {

constexpr std::string_view plain_text = "text/plain; charset=utf-8";

/// A whole answer, but for what every answer has.
struct Page
{
    unsigned status = 200; ///< of HTTP
    std::string_view type = plain_text;
    std::string body{};
    std::string content_security_policy{}; ///< empty: none
    bool lists_methods = false;            ///< with an Allow header
};

Page head_too_long();
Page body_not_wanted();
Page wrong_method();
/// Returns the answer for a path that is not served, which names those that are.
Page not_found();
Page foreign_host();
Page too_many_watchers();

Page health(bool is_draining);

/// Returns the status page. Its style and script are in it, and a content security policy lets nothing else in.
const Page& status_page();

} // namespace dialhook::status
