#pragma once

#include "ctl/exit_code.hpp"

#include <nlohmann/json_fwd.hpp>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace dialhook::ctl {

/// The daemon understood the question and said no: a JSON-RPC error object. `what()` is its message, made harmless.
class DaemonRefusal : public CommandFailure
{
public:
    explicit DaemonRefusal(const nlohmann::ordered_json& error);

    [[nodiscard]] int rpc_code() const noexcept { return rpc_code_; }
    /// Returns `data.errors` of the error object, one text an entry, made harmless; often empty.
    [[nodiscard]] const std::vector<std::string>& details() const noexcept { return details_; }
    /// Returns the error object as it came, as JSON in ASCII.
    [[nodiscard]] const std::string& json() const noexcept { return json_; }

private:
    int rpc_code_ = 0;
    std::vector<std::string> details_;
    std::string json_;
};

/// A connection to one of the daemon's two Unix sockets, for JSON-RPC 2.0 with one JSON text a line. Blocking, but
/// never longer than its limits; not for use by several threads.
class RpcSocket
{
public:
    /// Connects within `patience`. Throws a `CommandFailure` that names the path, the system's reason and what helps:
    /// `no_daemon` if no daemon listens, `refused` if this user has no access.
    explicit RpcSocket(const std::filesystem::path& path);
    ~RpcSocket();
    RpcSocket(const RpcSocket&) = delete;
    RpcSocket& operator=(const RpcSocket&) = delete;

    /// Asks, and returns the `result` of the answer; answers to other questions are passed over. Throws a
    /// `DaemonRefusal` for a JSON-RPC error, else a `CommandFailure`: `no_daemon` when the question was not read within
    /// `patience`, when no answer came within `limit`, or when a daemon that has no configuration answered; `refused`
    /// when the connection was closed instead or what came was no JSON-RPC.
    [[nodiscard]] nlohmann::ordered_json call(const std::string& method, const nlohmann::ordered_json& params,
                                              std::chrono::milliseconds limit);

    /// How long a daemon that works may take to accept a connection, or to read a question.
    static constexpr std::chrono::milliseconds patience{2500};

private:
    using Deadline = std::chrono::steady_clock::time_point;
    void send_line(const std::string& line, Deadline deadline);
    [[nodiscard]] std::string read_line(Deadline deadline);
    void wait_for(short events, Deadline deadline) const;
    [[nodiscard]] bool becomes_ready(short events, Deadline deadline) const;
    [[nodiscard]] bool is_question_unread() const;

    std::filesystem::path path_;
    int descriptor_ = -1;
    int last_id_ = 0;
    Deadline to_be_read_by_ = std::chrono::steady_clock::now() + patience;
    std::string received_; ///< bytes after the last line that was read
};

} // namespace dialhook::ctl
