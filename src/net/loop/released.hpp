#pragma once

#include "net/loop/asio.hpp"

namespace dialhook::net {

/// Returns the descriptor of `socket`, of which Asio's reactor knows no more; -1 if there is none. The caller owns it.
inline int released(TcpSocket socket)
{
    error_code error;
    const int descriptor = socket.release(error);
    return error ? -1 : descriptor;
}

} // namespace dialhook::net
