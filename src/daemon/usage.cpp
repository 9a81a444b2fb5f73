#include "daemon/usage.hpp"

#include "base/spelling.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

namespace dialhook::daemon {
namespace {

std::vector<std::string_view> options_of(const CLI::App& app)
{
    std::vector<std::string_view> names;
    for (const CLI::Option* const option : app.get_options())
        for (const std::string& name : option->get_lnames())
            names.push_back(name);
    return names;
}

/// Returns `--config FILE`, as the option `name` is written.
std::string usage_of(const CLI::App& app, std::string_view name)
{
    const CLI::Option* const option = app.get_option("--" + std::string(name));
    return "--" + std::string(name) + (option->get_expected_max() == 0 ? "" : " " + option->get_type_name());
}

/// A terminal would obey control characters instead of showing them.
std::string harmless(std::string text)
{
    std::ranges::replace_if(
        text,
        [](char byte) {
            const auto code = static_cast<unsigned char>(byte); // plain char has no sign on arm64
            return code < 0x20 || code == 0x7F;
        },
        '?');
    return text;
}

std::string unknown_option(const CLI::App& app, const std::string& written)
{
    const std::string name = written.substr(0, written.find('='));
    const auto options = options_of(app);
    const bool is_short_config = name.starts_with("-c") && name.size() <= 3; // most programs have -c for it
    const auto word = std::string_view(name).substr(std::min(name.find_first_not_of('-'), name.size()));
    const auto begins = std::ranges::find_if(
        options, [&](std::string_view option) { return word.size() > 1 && option.starts_with(word); });
    const auto meant = is_short_config ? "config" : begins != options.end() ? *begins : nearest(word, options);
    if (!meant.empty())
        return "unknown option " + harmless(name) + "; use " + usage_of(app, meant);
    std::vector<std::string> all;
    for (const auto option : options)
        all.push_back("--" + std::string(option));
    return "unknown option " + harmless(name) + "; there are " +
           joined(std::vector<std::string_view>(all.begin(), all.end()), "and");
}

} // namespace

std::string complaint(const CLI::App& app, const CLI::ParseError& error)
{
    const auto unknown = app.remaining();
    if (unknown.empty())
        return app.get_option("--config")->count() == 0 &&
                       error.get_exit_code() == static_cast<int>(CLI::ExitCodes::RequiredError)
                   ? "name the configuration: --config FILE"
                   : harmless(error.what());
    const auto option = std::ranges::find_if(
        unknown, [](const std::string& argument) { return argument.size() > 1 && argument.starts_with('-'); });
    if (option != unknown.end())
        return unknown_option(app, *option);
    const std::string surplus = "\"" + harmless(unknown.front()) + "\"";
    return app.get_option("--config")->count() == 0 ? "the argument " + surplus + " has no option; use --config FILE"
                                                    : "the argument " + surplus + " is not expected; remove it";
}

} // namespace dialhook::daemon
