#include "config/known_steps.hpp"

#include "base/lookalike.hpp"
#include "base/spelling.hpp"
#include "config/odd_text.hpp"
#include "yaml/shown.hpp"

#include <algorithm>
#include <string>

namespace dialhook::config {
namespace {

/// Returns the step that `word` is a letter away from, or two for a long one; empty if it is one itself, or near none.
std::string_view near_step(std::string_view word)
{
    constexpr std::size_t long_name = 9;
    if (std::ranges::find(known_steps, word) != known_steps.end())
        return {};
    std::string_view best;
    std::size_t best_distance = 3;
    for (const auto step : known_steps) {
        const auto [shorter, longer] = std::minmax({word.size(), step.size()});
        const std::size_t near = step.size() >= long_name ? 2 : 1;
        if (longer - shorter > near)
            continue;
        const auto distance = edit_distance(word, step);
        if (distance <= near && distance < best_distance) {
            best = step;
            best_distance = distance;
        }
    }
    return best;
}

std::string warning_of(std::string_view written, std::string_view meant)
{
    return "found " + in_quotes(written) + " as a step, which no integration of Dialhook knows; did you mean \"" +
           std::string(meant) + "\"?";
}

/// `dial:101` and `dial 101`: without a colon and a space after it that is one word to YAML.
void warn_of_text(const Value& item)
{
    const auto text = item.written();
    const auto end = text.find_first_of(": =");
    const auto word = text.substr(0, end);
    const bool is_step = std::ranges::find(known_steps, word) != known_steps.end();
    if (end == std::string_view::npos) {
        if (const auto meant = near_step(word); !meant.empty())
            item.warn(warning_of(text, meant));
    } else if (is_step && end + 1 < text.size()) {
        item.warn("found " + in_quotes(text) + " as a step in one word; after " + std::string(word) +
                  " comes a colon, a space and its value, such as `" + std::string(word) + ": \"101\"`");
    }
}

void warn_of_odd_scalars(const Value& value) // NOLINT(misc-no-recursion): as deep as the file
{
    if (value.is_scalar())
        warn_of_odd_text(value);
    else if (value.kind() == NodeKind::list)
        value.each_item("a list", warn_of_odd_scalars);
    else if (value.kind() == NodeKind::mapping)
        value.each_entry(warn_of_odd_scalars);
}

} // namespace

void warn_of_near_steps(const Value& item)
{
    if (item.is_scalar())
        return warn_of_text(item);
    if (item.kind() != NodeKind::mapping)
        return;
    item.each_entry([](const Value& value) {
        if (const auto meant = near_step(value.name()); !meant.empty())
            value.warn_of_key(warning_of(value.name(), meant));
    });
}

void warn_of_odd_values(const Value& item)
{
    if (item.kind() != NodeKind::mapping)
        return;
    item.each_entry([](const Value& value) {
        if (std::ranges::find(known_steps, value.name()) != known_steps.end())
            warn_of_odd_scalars(value);
    });
}

std::string near_key_of_webhook_step(std::string_view key)
{
    constexpr std::array<std::string_view, 3> keys{"webhook", "on_success", "on_failure"};
    return did_you_mean(without_lookalikes(key), keys);
}

std::string misspelt_webhook(const Value& item)
{
    std::string hint;
    if (item.kind() == NodeKind::mapping)
        item.each_entry([&](const Value& value) {
            const auto meant = without_lookalikes(value.name());
            if (near_step(meant) == "webhook" || meant == "webhook")
                hint = "; did you mean it by " + in_quotes(value.name()) + "?" + value.odd_character_in_key();
        });
    return hint;
}

} // namespace dialhook::config
