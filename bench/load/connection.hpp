#pragma once

#include "outcome.hpp"
#include "protocol.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace dialhook::bench {

/// Longer than any time-out of a webhook here.
inline constexpr std::chrono::seconds silence_allowed{90};

/// One stream to the system under test, with the calls under way on it.
class Connection
{
public:
    Connection(const Protocol& protocol, const std::filesystem::path& socket, std::size_t calls_at_once);
    ~Connection();

    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    int descriptor() const { return socket_; }
    std::size_t under_way() const { return under_way_; }
    bool has_free_slot() const { return under_way_ < slots_.size(); }

    /// Puts the request of `call` behind those that flush() will write. Its time counts from `started`.
    void start(const Call& call, Clock::time_point started);

    /// Writes what start() collected. The sockets' buffers hold all calls of a connection many times over, so a peer
    /// that does not take them is an error.
    void flush();

    /// Reads what has come, checks each answer and enters it in `outcome`.
    void receive(Outcome& outcome);

private:
    struct Slot
    {
        Call call{0};
        Clock::time_point started{};
        bool used = false;
    };

    void enter(const Answer& answer, std::string_view text, Clock::time_point now, Outcome& outcome);
    Slot* slot_of(const Answer& answer);

    const Protocol& protocol_;
    int socket_;
    std::vector<Slot> slots_;
    std::size_t under_way_ = 0;
    std::string requests_;
    std::vector<char> received_;
    std::size_t filled_ = 0;
};

} // namespace dialhook::bench
