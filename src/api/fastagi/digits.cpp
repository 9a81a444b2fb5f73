#include "api/fastagi/digits.hpp"

#include "api/fastagi/command.hpp"

#include <charconv>
#include <chrono>
#include <optional>
#include <utility>

namespace dialhook::fastagi {
namespace {

using namespace std::chrono_literals;

/// The longest message, on top of the time that the caller has.
constexpr std::chrono::milliseconds max_message_time = 10min;
/// A finger needs so long from the last key of a code to its terminator.
constexpr std::chrono::milliseconds late_terminator = 500ms;
constexpr char own_terminator = '#'; // of GET DATA
constexpr std::string_view all_keys = "0123456789*#ABCD";

/// Returns the key whose ASCII code stands in a reply; nullopt for none, and for what is no key.
std::optional<char> key_of(const AgiReply& reply)
{
    int code = 0;
    const char* const end = reply.result.data() + reply.result.size();
    const auto read = std::from_chars(reply.result.data(), end, code);
    if (read.ec != std::errc() || read.ptr != end || code <= 0 || code > 127 || !Code::is_key(static_cast<char>(code)))
        return std::nullopt;
    return static_cast<char>(code);
}

void report_missing(log::Log& log, std::string_view file)
{
    log.write_summed(log::Level::error, "Asterisk cannot play an audio file; put it where its sounds are", file,
                     {{"file", file}});
}

/// `keys` are keys; if they were not, nothing was entered.
Entered entered_of(std::string_view keys)
{
    auto code = Code::from(keys);
    if (!code)
        return {Entered::How::silence, {}};
    return {Entered::How::code, *std::move(code)};
}

Entered gone()
{
    return {Entered::How::gone, {}};
}

} // namespace

net::Awaitable<Entered> Digits::ask(std::string_view message)
{
    std::optional<char> early;
    if (std::exchange(was_full_, false))
        early = co_await key_after_full_code();
    Entered entered = gone();
    if (early)
        entered = co_await collect(std::string(1, *early));
    else if (ivr_.terminator == own_terminator)
        entered = co_await ask_by_get_data(message);
    else
        entered = co_await ask_key_by_key(message);
    was_full_ = entered.how == Entered::How::code && entered.code.view().size() == ivr_.max_digits;
    co_return channel_.is_gone() ? gone() : std::move(entered);
}

/// Uses one command for message and code: no key falls between two commands.
net::Awaitable<Entered> Digits::ask_by_get_data(std::string_view message)
{
    const auto limit = max_message_time + ivr_.timeout * (ivr_.max_digits + 1);
    const AgiReply reply =
        co_await channel_.command(command::get_data(message, ivr_.timeout.count(), ivr_.max_digits), limit);
    if (reply.failed()) {
        const bool alive = co_await is_alive();
        if (!alive)
            co_return gone();
        report_missing(log_, message);
        co_return co_await collect({});
    }
    if (reply.result.empty() && reply.detail == "timeout")
        co_return Entered{Entered::How::silence, {}};
    co_return entered_of(reply.result);
}

net::Awaitable<Entered> Digits::ask_key_by_key(std::string_view message)
{
    const AgiReply reply = co_await channel_.command(command::stream_file(message, all_keys), max_message_time);
    std::string keys;
    if (reply.failed()) {
        const bool alive = co_await is_alive();
        if (!alive)
            co_return gone();
        report_missing(log_, message);
    } else if (const auto key = key_of(reply)) {
        if (*key == ivr_.terminator)
            co_return Entered{Entered::How::code, {}};
        keys += *key;
    }
    co_return co_await collect(std::move(keys));
}

/// Collects key by key, until the terminator, the longest code, or the end of the caller's time.
net::Awaitable<Entered> Digits::collect(std::string keys)
{
    const auto until = net::Clock::now() + ivr_.timeout;
    while (keys.size() < ivr_.max_digits) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - net::Clock::now());
        if (left <= std::chrono::milliseconds(0))
            co_return keys.empty() ? Entered{Entered::How::silence, {}} : entered_of(keys);
        const auto tenths = std::chrono::ceil<std::chrono::duration<long long, std::deci>>(left);
        const auto wait = std::chrono::duration_cast<std::chrono::milliseconds>(tenths);
        const AgiReply reply = co_await channel_.command(command::wait_for_digit(wait.count()), wait + at_once);
        if (reply.failed())
            co_return gone();
        const auto key = key_of(reply);
        if (!key && keys.empty())
            co_return Entered{Entered::How::silence, {}};
        if (!key || *key == ivr_.terminator)
            break;
        keys += *key;
    }
    co_return entered_of(keys);
}

/// A command that fails tells nothing of why: the caller hung up, or the file is missing.
net::Awaitable<bool> Digits::is_alive()
{
    if (channel_.is_gone())
        co_return false;
    const AgiReply reply = co_await channel_.command(command::channel_status(), at_once);
    co_return reply.is_ok() && !channel_.is_gone();
}

/// Waits for the terminator after a code of the full length and drops it: a caller who types it did not mean an empty
/// code by it. Another key begins the next code.
net::Awaitable<std::optional<char>> Digits::key_after_full_code()
{
    const AgiReply reply = co_await channel_.command(command::wait_for_digit(late_terminator.count()), at_once);
    const auto key = key_of(reply);
    co_return key == ivr_.terminator ? std::nullopt : key;
}

net::Awaitable<void> play(Channel& channel, std::string_view file, log::Log& log)
{
    const AgiReply reply = co_await channel.command(command::stream_file(file, ""), max_message_time);
    if (reply.failed() && !channel.is_gone())
        report_missing(log, file);
}

} // namespace dialhook::fastagi
