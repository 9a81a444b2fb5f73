#pragma once

#include "net/loop/asio.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/intrusive/list.hpp>

#include <memory>

namespace dialhook::net {

class DnsCacheEntry;

/// Something that goes on using an address of a name, as a connection does: while there is one, the name is asked for
/// again and again, and its user learns when the address is no longer among the answers.
class AddressUser : public boost::intrusive::list_base_hook<boost::intrusive::tag<AddressUser>,
                                                            boost::intrusive::link_mode<boost::intrusive::auto_unlink>>
{
public:
    virtual asio::ip::address address() const = 0;

    /// Called once, when the name has the address no longer. May end the user.
    virtual void address_is_gone() = 0;

protected:
    virtual ~AddressUser() = default;

    void leave_name() { unlink(); }

private:
    friend class DnsCacheEntry;

    std::shared_ptr<DnsCacheEntry> name_; ///< is not forgotten while it has users
};

} // namespace dialhook::net
