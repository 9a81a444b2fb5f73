#pragma once

#include <map>
#include <string>
#include <string_view>

namespace dialhook::mock {

/// What the rules of the mock look at in a request that came in.
struct MockRequest
{
    std::string method;
    std::string target; ///< path and query as they came
    std::string body;   ///< as it came
    std::string path;   ///< decoded
    /// Of the query, and of a form or JSON body, decoded; the body wins where a name stands in both, and of a name that
    /// stands twice in one of them the first one counts. A JSON body gives its top-level members: strings as they are,
    /// other values as JSON, null as if absent.
    std::map<std::string, std::string, std::less<>> parameters;

    /// Returns the value of a parameter; empty when it is absent.
    [[nodiscard]] std::string_view parameter(std::string_view name) const;
};

/// Reads a request; never fails: what is not a form or JSON has no parameters.
[[nodiscard]] MockRequest read_request(std::string_view method, std::string_view target, std::string_view content_type,
                                       std::string_view body);

} // namespace dialhook::mock
