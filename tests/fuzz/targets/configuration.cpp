#include "base/text.hpp"
#include "config/load.hpp"
#include "fuzz/require.hpp"
#include "fuzz/targets.hpp"

#include <sys/mman.h>
#include <system_error>
#include <unistd.h>

#include <algorithm>
#include <string>

namespace dialhook::fuzz {
namespace {

/// A file that is in memory alone.
class File
{
public:
    explicit File(std::string_view content)
        : number_(::memfd_create("dialhook.yaml", MFD_CLOEXEC))
    {
        if (number_ < 0 || ::write(number_, content.data(), content.size()) != static_cast<ssize_t>(content.size()))
            throw std::system_error(errno, std::generic_category(), "no file in memory");
    }
    ~File() { ::close(number_); }
    File(const File&) = delete;
    File& operator=(const File&) = delete;

    std::string path() const { return "/proc/self/fd/" + std::to_string(number_); }

private:
    int number_;
};

/// These make the loader look at other files and at the accounts of this machine.
bool looks_elsewhere(std::string_view text)
{
    for (const std::string_view word : {"include", "${", "allow_users", "allow_groups", "socket_group"})
        if (text.find(word) != std::string_view::npos)
            return true;
    return false;
}

void require_faults(const config::Faults& faults, std::string_view text)
{
    const auto ends = [&](char end) { return static_cast<std::size_t>(std::count(text.begin(), text.end(), end)); };
    const std::size_t max_lines = 2 + ends('\n') + ends('\r') + ends('\x85') + ends('\xA8') + ends('\xA9');
    require(!faults.empty(), "what is not loaded has a fault");
    for (const auto& fault : faults) {
        require(!fault.message.empty(), "a fault says what is wrong");
        require(fault.line <= max_lines, "a fault is within the file");
        require(text::is_utf8(fault.message) && !text::has_controls(fault.message), "a fault is a line of text");
    }
}

} // namespace

/// The main file of a configuration, without what leads out of it.
void configuration(std::string_view input)
{
    if (looks_elsewhere(input) || input.size() > 65536)
        return;
    const File file(input);
    const auto loaded = config::load(file.path(), {});
    if (!loaded)
        return require_faults(loaded.error(), input);

    require(std::ranges::is_sorted(loaded->webhooks, {}, &Webhook::name), "webhooks are in order");
    for (const auto& plan : loaded->dialplans.plans()) {
        if (plan.webhook)
            require(std::ranges::binary_search(loaded->webhooks, plan.webhook->webhook, {}, &Webhook::name),
                    "a dialplan's webhook is there");
        require(loaded->dialplans.with_key(plan.key) == &plan, "each dialplan is found by its key");
    }
}

} // namespace dialhook::fuzz
