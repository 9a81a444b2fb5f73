#include "ctl/screen.hpp"

#include "base/text.hpp"

#include <poll.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <string>

namespace dialhook::ctl {
namespace {

constexpr std::string_view enter = "\x1b[?1049h\x1b[?25l"; // the alternate screen, without a cursor
constexpr std::string_view leave = "\x1b[?25h\x1b[?1049l";
constexpr std::string_view home = "\x1b[H";
constexpr std::string_view clear_to_end_of_line = "\x1b[K";
constexpr std::string_view clear_below = "\x1b[J";

void write(std::string_view text)
{
    while (!text.empty()) {
        const auto written = ::write(STDOUT_FILENO, text.data(), text.size());
        if (written <= 0)
            return; // the terminal is gone; the next wait notices it
        text.remove_prefix(static_cast<std::size_t>(written));
    }
}

sigset_t taken_signals()
{
    sigset_t signals;
    ::sigemptyset(&signals);
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGWINCH})
        ::sigaddset(&signals, number);
    return signals;
}

} // namespace

bool Screen::is_there()
{
    return ::isatty(STDIN_FILENO) == 1 && ::isatty(STDOUT_FILENO) == 1;
}

Screen::Screen()
{
    const sigset_t signals = taken_signals();
    ::sigprocmask(SIG_BLOCK, &signals, nullptr);
    signals_ = ::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    ::tcgetattr(STDIN_FILENO, &before_);
    termios keys = before_;
    keys.c_lflag &= static_cast<tcflag_t>(~(ICANON | ECHO));
    ::tcsetattr(STDIN_FILENO, TCSANOW, &keys);
    write(enter);
}

Screen::~Screen()
{
    write(leave);
    ::tcsetattr(STDIN_FILENO, TCSANOW, &before_);
    ::close(signals_);
    const sigset_t signals = taken_signals();
    ::sigprocmask(SIG_UNBLOCK, &signals, nullptr);
}

void Screen::show(std::string_view text) const
{
    winsize size{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0)
        size = {24, 80, 0, 0};
    std::string frame(home);
    for (unsigned row = 0; row < size.ws_row && !text.empty(); ++row) {
        const auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        frame += row == 0 ? "" : "\r\n";
        frame += text::first_code_points(line, size.ws_col);
        frame += clear_to_end_of_line;
    }
    frame += clear_below;
    write(frame);
}

Screen::Event Screen::wait(std::chrono::milliseconds limit) const
{
    std::array<pollfd, 2> descriptors{{{STDIN_FILENO, POLLIN, 0}, {signals_, POLLIN, 0}}};
    if (::poll(descriptors.data(), descriptors.size(), static_cast<int>(limit.count())) <= 0)
        return Event::time_is_over;
    signalfd_siginfo signal{};
    if (::read(signals_, &signal, sizeof signal) == static_cast<ssize_t>(sizeof signal)) {
        if (signal.ssi_signo == SIGWINCH)
            return Event::resized;
        return signal.ssi_signo == SIGTSTP ? Event::time_is_over : Event::quit;
    }
    std::array<char, 64> keys{};
    const auto count = ::read(STDIN_FILENO, keys.data(), keys.size());
    if (count <= 0)
        return Event::quit; // the terminal is gone
    const std::string_view pressed(keys.data(), static_cast<std::size_t>(count));
    return pressed.find_first_of("qQ") == std::string_view::npos ? Event::time_is_over : Event::quit;
}

} // namespace dialhook::ctl
