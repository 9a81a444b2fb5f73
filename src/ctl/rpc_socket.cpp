#include "ctl/rpc_socket.hpp"

#include "call/rpc_error.hpp"
#include "ctl/last_words.hpp"
#include "ctl/terminal.hpp"

#include <nlohmann/json.hpp>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <system_error>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <linux/sockios.h>

namespace dialhook::ctl {
namespace {

using Json = nlohmann::ordered_json;
using namespace std::chrono_literals;

/// A list of 100,000 webhooks takes about 30 MB; a line beyond this is no answer of a daemon.
constexpr std::size_t max_line = 256UL * 1024 * 1024;

std::string system_text(int error)
{
    return std::generic_category().message(error);
}

/// Says that no daemon answers, and why, as far as a daemon has said so before it ended.
CommandFailure no_answer(const std::string& path, const std::string& why)
{
    std::string words = last_words(path);
    if (!words.empty())
        words = "\n  It does not run; " + words;
    return {ExitCode::no_daemon,
            "no daemon answers on " + harmless(path) + ": " + why + words +
                "\n  Is it running?               systemctl status dialhook"
                "\n  Why did it stop?             journalctl -u dialhook -n 50"
                "\n  Does it use another socket?  see --socket and --control in dialhookctl --help"};
}

/// Returns what `error` of a connect means, and what helps.
CommandFailure cannot_connect(const std::string& path, int error)
{
    const std::string place = harmless(path);
    if (error == EACCES || error == EPERM)
        return {ExitCode::refused, "may not use " + place + ": " + system_text(error) +
                                       "\n  As root:              sudo dialhookctl ..."
                                       "\n  Who else may use it?  ls -l " +
                                       place};
    struct stat found
    {
    };
    if (::stat(path.c_str(), &found) == 0 && !S_ISSOCK(found.st_mode))
        return {ExitCode::no_daemon,
                place + " is not a socket but " + (S_ISDIR(found.st_mode) ? "a folder" : "a file") +
                    "\n  Which one is it?  server.socket and server.control in the configuration say"};
    return no_answer(path, system_text(error));
}

std::vector<std::string> details_of(const Json& error)
{
    std::vector<std::string> details;
    const auto data = error.find("data");
    if (data == error.end() || !data->is_object())
        return details;
    const auto errors = data->find("errors");
    if (errors == data->end() || !errors->is_array())
        return details;
    for (const Json& one : *errors)
        details.push_back(harmless(one.is_string() ? one.get<std::string>() : one.dump()));
    return details;
}

std::string message_of(const Json& error)
{
    const auto message = error.find("message");
    const bool has_text = message != error.end() && message->is_string();
    return has_text ? harmless(message->get<std::string>()) : "an error without a message";
}

/// Returns what a daemon that has no configuration to serve with has said, before it ends.
CommandFailure has_no_configuration(const std::string& path, const DaemonRefusal& said)
{
    std::string text = "it does not run; its last words: " + std::string(said.what());
    for (const std::string& fault : said.details())
        text += "\n    " + fault;
    if (said.details().empty())
        if (const std::string words = last_words(path); !words.empty())
            text += "\n  " + words;
    return {ExitCode::no_daemon,
            text + "\n  Repair it, then:  systemctl reset-failed dialhook; systemctl restart dialhook"};
}

} // namespace

DaemonRefusal::DaemonRefusal(const Json& error)
    : CommandFailure(ExitCode::refused, message_of(error))
    , details_(details_of(error))
    , json_(error.dump(-1, ' ', true))
{
    const auto code = error.find("code");
    if (code != error.end() && code->is_number_integer())
        rpc_code_ = code->get<int>();
}

RpcSocket::RpcSocket(const std::filesystem::path& path)
    : path_(path)
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string name = path.string();
    if (name.empty() || name.size() >= sizeof address.sun_path)
        throw CommandFailure(ExitCode::wrong_usage, "the path of a socket has 1 to " +
                                                        std::to_string(sizeof address.sun_path - 1) +
                                                        " bytes: " + harmless(name));
    std::memcpy(address.sun_path, name.data(), name.size());

    descriptor_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor_ < 0)
        throw CommandFailure(ExitCode::refused, "cannot create a socket: " + system_text(errno));
    // For a Unix socket the limit on sending also holds for connect(), which waits while the backlog is full.
    const timeval limit{std::chrono::floor<std::chrono::seconds>(patience).count(),
                        std::chrono::microseconds(patience % 1s).count()};
    ::setsockopt(descriptor_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    if (::connect(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        const int error = errno == EAGAIN ? ETIMEDOUT : errno;
        ::close(descriptor_);
        throw cannot_connect(name, error);
    }
}

RpcSocket::~RpcSocket()
{
    ::close(descriptor_);
}

Json RpcSocket::call(const std::string& method, const Json& params, std::chrono::milliseconds limit)
{
    const auto deadline = std::chrono::steady_clock::now() + limit;
    if (last_id_ > 0)
        to_be_read_by_ = std::chrono::steady_clock::now() + patience;
    const int id = ++last_id_;
    Json question{{"jsonrpc", "2.0"}, {"id", id}, {"method", method}};
    if (!params.is_null())
        question["params"] = params;
    send_line(question.dump() + '\n', deadline);

    for (;;) {
        const Json answer = Json::parse(read_line(deadline), nullptr, false);
        if (!answer.is_object())
            throw CommandFailure(ExitCode::refused,
                                 "what answers on " + harmless(path_.string()) + " does not speak JSON-RPC");
        const auto error = answer.find("error");
        const bool is_error = error != answer.end() && error->is_object();
        // An error that could not be matched to a question has the id null, and we have only asked one.
        const auto whose = answer.find("id");
        const bool is_ours = whose != answer.end() && (*whose == id || (is_error && whose->is_null()));
        if (!is_ours)
            continue;
        if (is_error && error->value("code", Json()) == number_of(RpcError::no_configuration))
            throw has_no_configuration(path_.string(), DaemonRefusal(*error));
        if (is_error)
            throw DaemonRefusal(*error);
        const auto result = answer.find("result");
        if (result == answer.end())
            throw CommandFailure(ExitCode::refused, "the daemon's answer has no result");
        return *result;
    }
}

void RpcSocket::wait_for(short events, Deadline deadline) const
{
    // A socket unit of systemd takes connections while no daemon runs, and one that hangs reads none: what is read may
    // take its time, what is not read will not be answered.
    if (to_be_read_by_ < deadline) {
        if (becomes_ready(events, to_be_read_by_))
            return;
        if (is_question_unread())
            throw no_answer(path_.string(), "the daemon does not read the request");
    }
    if (!becomes_ready(events, deadline))
        throw CommandFailure(ExitCode::no_daemon,
                             "the daemon on " + harmless(path_.string()) +
                                 " gave no answer in time\n  What is it doing?  journalctl -u dialhook -n 50");
}

bool RpcSocket::becomes_ready(short events, Deadline deadline) const
{
    for (;;) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
        pollfd descriptor{descriptor_, events, 0};
        const int ready = ::poll(&descriptor, 1, left > 0ms ? static_cast<int>(left.count()) : 0);
        if (ready > 0)
            return true;
        if (ready == 0 && left <= 0ms)
            return false;
        if (ready < 0 && errno != EINTR)
            throw CommandFailure(ExitCode::refused, "cannot wait for the daemon: " + system_text(errno));
    }
}

bool RpcSocket::is_question_unread() const
{
    int unread = 0; // for a Unix socket: what the other side has not received
    return ::ioctl(descriptor_, SIOCOUTQ, &unread) == 0 && unread > 0;
}

void RpcSocket::send_line(const std::string& line, Deadline deadline)
{
    std::string_view left = line;
    while (!left.empty()) {
        wait_for(POLLOUT, deadline);
        const auto sent = ::send(descriptor_, left.data(), left.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent >= 0)
            left.remove_prefix(static_cast<std::size_t>(sent));
        else if (errno == EPIPE || errno == ECONNRESET)
            return; // a daemon that turns us away may still have said why
        else if (errno != EAGAIN && errno != EINTR)
            throw CommandFailure(ExitCode::refused,
                                 "cannot write to " + harmless(path_.string()) + ": " + system_text(errno));
    }
}

std::string RpcSocket::read_line(Deadline deadline)
{
    std::array<char, 65536> chunk; // NOLINT(cppcoreguidelines-pro-type-member-init): filled by recv
    std::size_t searched = 0;
    for (;;) {
        const auto end = received_.find('\n', searched);
        if (end != std::string::npos) {
            std::string line = received_.substr(0, end);
            received_.erase(0, end + 1);
            return line;
        }
        searched = received_.size();
        if (searched > max_line)
            throw CommandFailure(ExitCode::refused, "the daemon's answer does not end");
        wait_for(POLLIN, deadline);
        const auto count = ::recv(descriptor_, chunk.data(), chunk.size(), MSG_DONTWAIT);
        if (count > 0)
            received_.append(chunk.data(), static_cast<std::size_t>(count));
        else if (count == 0 || errno == ECONNRESET)
            throw CommandFailure(
                ExitCode::refused,
                "the daemon closed " + harmless(path_.string()) +
                    " without an answer\n  It may not let your user in (allow_users, allow_groups), or it is "
                    "stopping:  journalctl -u dialhook -n 50");
        else if (errno != EAGAIN && errno != EINTR)
            throw CommandFailure(ExitCode::refused,
                                 "cannot read from " + harmless(path_.string()) + ": " + system_text(errno));
    }
}

} // namespace dialhook::ctl
