#include "ctl/commands.hpp"
#include "ctl/mock/replies_file.hpp"
#include "ctl/mock/server.hpp"
#include "ctl/terminal.hpp"

#include <boost/asio/signal_set.hpp>
#include <nlohmann/json.hpp>
#include <sys/resource.h>
#include <system_error>

#include <cerrno>
#include <fstream>
#include <ostream>

namespace dialhook::ctl {
namespace {

namespace asio = boost::asio;

std::string read_file(const std::filesystem::path& path)
{
    std::ifstream file(path);
    std::ostringstream text;
    // A folder opens, but gives nothing; an empty file gives nothing, too, and fails later for having no rules.
    if (!file || std::filesystem::is_directory(path))
        throw CommandFailure(ExitCode::refused, "cannot read " + harmless(path.string()) + ": " +
                                                    std::generic_category().message(file ? EISDIR : errno));
    text << file.rdbuf();
    return std::move(text).str();
}

mock::ReplyRules rules_of(const MockCommand& command)
{
    const auto read = command.replies ? mock::read_replies(read_file(*command.replies), command.replies->string())
                                      : mock::read_replies(mock::built_in_replies(), "built-in replies");
    if (const auto* rules = std::get_if<mock::ReplyRules>(&read))
        return *rules;
    std::string text = "the replies file was refused";
    for (const std::string& error : std::get<mock::FileErrors>(read))
        text += '\n' + error;
    throw CommandFailure(ExitCode::refused, text);
}

/// Each connection takes a descriptor; the usual soft limit of 1024 is less than a load test opens.
void allow_many_connections()
{
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

} // namespace

ExitCode mock(const CommandLine& line, const MockCommand& command, std::ostream& out)
{
    allow_many_connections();
    asio::io_context io(1);
    asio::signal_set signals(io, SIGINT, SIGTERM);
    signals.async_wait([&io](const auto&, int) { io.stop(); });
    // Who reads our lines may go away; the server goes on.
    std::signal(SIGPIPE, SIG_IGN);

    const auto log = [&out, json = line.json](std::string_view text) {
        out << (json ? nlohmann::json{{"message", text}}.dump(-1, ' ', true) : std::string(text)) << '\n' << std::flush;
    };
    const asio::ip::tcp::endpoint where(asio::ip::make_address(command.address), command.port);
    mock::ReplyRules rules = rules_of(command);
    try {
        const mock::Server server(io, where, std::move(rules), log);
        const asio::ip::tcp::endpoint place = server.endpoint();
        const std::string address = place.address().to_string();
        log("listening on http://" + (place.address().is_v6() ? "[" + address + "]" : address) + ":" +
            std::to_string(place.port()));
        io.run();
    } catch (const boost::system::system_error& error) {
        throw CommandFailure(ExitCode::refused, "cannot listen on " + command.address + ':' +
                                                    std::to_string(command.port) + ": " + error.code().message() +
                                                    "\n  Another place:  dialhookctl mock --listen 127.0.0.1:0");
    }
    return ExitCode::done;
}

} // namespace dialhook::ctl
