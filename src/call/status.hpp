#pragma once

#include <string_view>

namespace dialhook {

/// What the web server said of the call.
enum class Status : unsigned char
{
    ack,
    nak,
    err
};

constexpr std::string_view to_string(Status status)
{
    switch (status) {
    case Status::ack:
        return "ACK";
    case Status::nak:
        return "NAK";
    case Status::err:
        return "ERR";
    }
    return {};
}

/// The branch of the dialplan that a call takes.
enum class Branch : unsigned char
{
    success,
    failure
};

constexpr std::string_view to_string(Branch branch)
{
    return branch == Branch::success ? "success" : "failure";
}

} // namespace dialhook
