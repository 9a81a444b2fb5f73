#pragma once

#include "net/loop/asio.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/intrusive/list.hpp>

#include <memory>

namespace dialhook::net {

class DnsCacheEntry;

/// Long-lived user of an address, such as a connection. While a name has users it is queried again when its TTL
/// expires, and a user is called when its address is no longer among the answers.
class AddressUser : public boost::intrusive::list_base_hook<boost::intrusive::tag<AddressUser>,
                                                            boost::intrusive::link_mode<boost::intrusive::auto_unlink>>
{
public:
    virtual asio::ip::address address() const = 0;

    /// Called once, when the name no longer has the address. May destroy the user.
    virtual void address_is_gone() = 0;

protected:
    virtual ~AddressUser() = default;

    void leave_name() { unlink(); }

private:
    friend class DnsCacheEntry;

    std::shared_ptr<DnsCacheEntry> name_; ///< not evicted while it has users
};

} // namespace dialhook::net
