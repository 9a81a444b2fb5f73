#include "ctl/render.hpp"
#include "ctl/render_exchange.hpp"
#include "ctl/terminal.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <string_view>
#include <utility>
#include <vector>

namespace dialhook::ctl {
namespace {

using Json = nlohmann::ordered_json;

constexpr double chart_width = 40;

std::string column_of_milliseconds(double value)
{
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%8.1f ms", value);
    return text.data();
}

/// Draws phase by phase, each bar beginning where the one before ended.
std::string chart(const Json& timing, double elapsed)
{
    std::string text = "where the time went\n";
    double begin = 0;
    const auto column = [elapsed](double at) {
        return static_cast<std::size_t>(std::lround(std::min(at / std::max(elapsed, 0.1), 1.0) * chart_width));
    };
    for (const auto& [phase, value] : timing.items()) {
        const auto spent = value.get<double>();
        const std::size_t from = column(begin);
        const std::size_t length = spent > 0 ? std::max<std::size_t>(column(begin + spent) - from, 1) : 0;
        const std::string bar = length == 0 ? "" : " |" + std::string(from, ' ') + std::string(length, '#');
        text += row(harmless(phase), column_of_milliseconds(spent) + bar);
        begin += spent;
    }
    return text + row("in all", column_of_milliseconds(elapsed));
}

/// Returns which URL an attempt asked, and what came of it.
std::string attempt_line(std::size_t number, const Json& one)
{
    std::string text = "try " + std::to_string(number) + " of " + harmless_text(one.at("url"));
    text += one.at("reason").is_null() ? ": success" : ": " + harmless_text(one.at("reason"));
    return text + (one.at("detail").is_null() ? "" : " (" + harmless_text(one.at("detail")) + ")") + '\n';
}

} // namespace

std::string render_dry_run(const Json& dry_run)
{
    Json decision = dry_run.at("decision");
    const Json attempts = std::exchange(decision["tries"], nullptr);
    const Json timing = std::exchange(decision["timing"], nullptr);
    std::string text;
    for (std::size_t number = 1; number <= attempts.size(); ++number) {
        text += attempt_line(number, attempts[number - 1]);
        for (const Json& exchange : dry_run.at("exchanges"))
            if (exchange.at("try") == number)
                text += render_exchange(exchange);
    }
    return text + render_decision(decision) + chart(timing, decision.at("elapsed_ms").get<double>());
}

} // namespace dialhook::ctl
