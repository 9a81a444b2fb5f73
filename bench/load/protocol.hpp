#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dialhook::bench {

/// One call of the run. Its number decides everything that differs from call to call.
class Call
{
public:
    static constexpr std::size_t digits = 8;

    explicit Call(std::uint64_t id);

    std::uint64_t id() const { return id_; }

    /// The last digits of the caller's number: spread over all of them, not counting up.
    std::string_view caller_digits() const { return {caller_digits_.data(), caller_digits_.size()}; }

private:
    std::uint64_t id_;
    std::array<char, digits> caller_digits_;
};

/// One answer found at the front of what was received.
struct Answer
{
    std::size_t size;                ///< bytes that it takes
    std::optional<std::uint64_t> id; ///< none: answers come in the order of the calls
    std::string_view caller;         ///< number of the caller that the answer repeats; empty: it repeats none
    std::string_view fault;          ///< what is wrong with it; empty: it is the right answer
};

/// What a system under test speaks on its Unix socket.
class Protocol
{
public:
    virtual ~Protocol() = default;

    virtual void append_request(const Call& call, std::string& out) const = 0;

    /// The first answer in `received`, once it is there whole. Its views end with `received`.
    virtual std::optional<Answer> first_answer(std::string_view received) const = 0;

    /// Whether a second request may be sent before the answer to the first.
    virtual bool pipelines() const = 0;
};

/// What a proxy is asked: HTTP/1.1 keep-alive, GET with the target that Dialhook sends to the web server.
class HttpProtocol final : public Protocol
{
public:
    void append_request(const Call& call, std::string& out) const override;
    std::optional<Answer> first_answer(std::string_view received) const override;
    bool pipelines() const override { return false; }
};

} // namespace dialhook::bench
