#pragma once

#include "protocol.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace dialhook::bench {

/// The calls that Dialhook is asked about and what it has to decide, whichever way it is asked.
class RouteCalls
{
public:
    enum class Expected : unsigned char
    {
        success,
        timeout, ///< the failure branch with this reason: a web server that hangs
    };

    /// `spread`: 0, or how many webhooks the calls are spread over, all of them named WEBHOOK-NUMBER, from 0 on: in
    /// random order, each of them once before any comes again.
    RouteCalls(std::string webhook, std::size_t spread, Expected expected);

    /// Appends the parameters of `call.route`.
    void append_params(const Call& call, std::string& out) const;

    /// Reads the decision into `answer`: whose it is, and what is wrong with it.
    void check(std::string_view result, Answer& answer) const;

private:
    std::string webhook_;
    std::vector<std::uint32_t> order_;
    Expected expected_;
};

} // namespace dialhook::bench
