#include "fuzz/client_connection.hpp"
#include "fuzz/require.hpp"
#include "fuzz/targets.hpp"
#include "net/http/response_reader.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <vector>

namespace dialhook::fuzz {
namespace {

/// A request on a connection that is kept, and what the web server does around it.
struct Round
{
    /// When the request goes out, seen from the reply before.
    enum class When : unsigned char
    {
        after_a_rest, ///< the connection has lain idle
        next,         ///< of a call that waited for the connection
        at_once       ///< of the same call, which follows a redirect
    };

    When when;
    bool is_told;             ///< the event loop tells of what came at rest before the request goes out
    std::size_t portion;      ///< of the reply that is sent at once
    std::string_view reply;   ///< and what the web server sends behind it
    std::string_view at_rest; ///< sent while the connection lay idle
};

/// A round is two characters, the reply, and behind 0xFE what comes at rest; 0xFF ends it.
std::vector<Round> read_script(std::string_view script)
{
    constexpr std::size_t max_rounds = 8;
    constexpr std::size_t longest = 4096;
    constexpr std::array whens{Round::When::after_a_rest, Round::When::next, Round::When::at_once, Round::When::next};
    constexpr std::array<std::size_t, 8> portions{1, 7, 100, 255, 256, 257, 1000, 8192};
    std::vector<Round> rounds;
    while (!script.empty() && rounds.size() < max_rounds) {
        const std::string_view line = script.substr(0, script.find('\xFF'));
        script.remove_prefix(std::min(script.size(), line.size() + 1));
        if (line.size() < 2 || line.size() > longest)
            continue;
        const auto how = static_cast<unsigned char>(line[0]);
        const auto cut = static_cast<unsigned char>(line[1]);
        const std::string_view rest = line.substr(2);
        const std::string_view reply = rest.substr(0, rest.find('\xFE'));
        rounds.push_back({.when = rounds.empty() ? Round::When::after_a_rest : whens.at(how & 3U),
                          .is_told = (how & 4U) != 0,
                          .portion = portions.at(cut & 7U),
                          .reply = reply,
                          .at_rest = rest.substr(std::min(rest.size(), reply.size() + 1))});
    }
    return rounds;
}

/// What a reply comes to without a connection, byte for byte.
struct Alone
{
    explicit Alone(std::string_view reply)
    {
        using State = net::ResponseReader::State;
        net::ResponseReader reader;
        State state = State::more;
        while (state == State::more && length < reply.size())
            state = reader.feed(reply.substr(length++, 1));
        if (state == State::more && !reply.empty())
            state = reader.feed_end();
        else
            is_reusable = state == State::complete && reader.leaves_connection_usable();
        if (state == State::complete)
            outcome.response = reader.response();
        else
            outcome.failure = reply.empty() ? net::FailureKind::connect : net::FailureKind::cut;
    }

    Outcome outcome;
    std::size_t length = 0; ///< what of it was the reply
    bool is_reusable = false;
};

/// All rounds on one connection, as long as that is kept.
class Conversation
{
public:
    explicit Conversation(std::vector<Round> rounds)
        : rounds_(std::move(rounds))
    {
        client_.connection().rest(); // it was opened ahead
        client_.spawn(ask_all());
        client_.turn();
    }

    void play()
    {
        for (std::size_t n = 0; n < rounds_.size() && play(n); ++n) {
        }
        is_over_ = true;
        if (is_resting_)
            told_.set();
        client_.end();
        client_.turn();
    }

private:
    net::Awaitable<void> ask_all()
    {
        for (const Round& round : rounds_) {
            if (round.when == Round::When::after_a_rest) {
                is_resting_ = true;
                co_await told_.wait();
                is_resting_ = false;
            } else if (round.when == Round::When::next) {
                co_await net::asio::post(client_.executor(), net::UseAwaitable{});
            }
            if (is_over_ || !client_.take())
                co_return;
            ++asked_;
            outcomes_.push_back(co_await client_.ask());
            if (!client_.connection().is_reusable())
                co_return;
            client_.connection().rest();
        }
    }

    /// False: the connection is not used again.
    bool play(std::size_t n)
    {
        const Round& round = rounds_[n];
        if (is_resting_) {
            if (!round.at_rest.empty() && client_.send(round.at_rest))
                is_clean_ = false;
            if (round.is_told)
                client_.turn();
            told_.set();
            client_.turn();
        }
        if (asked_ == n) {
            require(!is_clean_ || !may_be_kept_, "a connection with which nothing is wrong is used again");
            return false;
        }
        if (!is_clean_) { // what begins with NUL may look like nothing; the client then goes on to another connection
            client_.turn();
            require(outcomes_.size() > n && outcomes_[n].failure == net::FailureKind::connect,
                    "what came before a request went out is no reply to it");
            return false;
        }

        const Alone alone(round.reply);
        std::size_t sent = 0;
        while (outcomes_.size() == n && sent < round.reply.size()) {
            const std::string_view portion = round.reply.substr(sent, round.portion);
            if (!client_.send(portion))
                break;
            sent += portion.size();
            client_.turn();
        }
        if (outcomes_.size() == n) {
            client_.end();
            client_.turn();
        }
        require(outcomes_.size() > n, "an exchange ends when the web server has closed");
        if (round.reply.starts_with('\0') && outcomes_[n].failure == net::FailureKind::connect)
            return false; // it may have come before the request
        if (n > 0 && (round.reply.starts_with('\r') || round.reply.starts_with('\n')))
            return false; // late line ends of the reply before, which a fresh connection would refuse
        require(outcomes_[n] == alone.outcome, "a request gets the reply that came after it went out");
        is_clean_ = sent == alone.length;
        may_be_kept_ = alone.is_reusable && alone.outcome.response.keep_alive.value_or(long_enough) >= long_enough;
        return true;
    }

    /// A web server that keeps connections for less may see it closed before the next request.
    static constexpr std::chrono::seconds long_enough{30};

    const std::vector<Round> rounds_;
    ClientConnection client_;
    net::Event told_;
    bool is_resting_ = false;
    bool is_over_ = false;
    std::size_t asked_ = 0;
    std::vector<Outcome> outcomes_;
    bool is_clean_ = true;    ///< the web server has sent nothing that no request had asked for
    bool may_be_kept_ = true; ///< by what the last reply says
};

} // namespace

/// One connection that is used again and again, whatever the web server sends, and whenever.
void kept_connection(std::string_view input)
{
    Conversation(read_script(input)).play();
}

} // namespace dialhook::fuzz
