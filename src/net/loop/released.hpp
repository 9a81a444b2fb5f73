#pragma once

#include "net/loop/asio.hpp"

namespace dialhook::net {

/// The descriptor of `socket`, of which Asio's reactor knows no more. It is the caller's now; -1: there is none.
inline int released(TcpSocket socket)
{
    error_code error;
    const int descriptor = socket.release(error);
    return error ? -1 : descriptor;
}

} // namespace dialhook::net
