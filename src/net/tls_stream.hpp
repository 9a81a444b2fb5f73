#pragma once

#include "net/connection.hpp"

#include <boost/asio/ssl/stream.hpp>

namespace dialhook::net {

struct Connection::TlsStream
{
    asio::ssl::stream<TcpSocket> stream;
};

} // namespace dialhook::net
