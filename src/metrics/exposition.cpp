#include "metrics/exposition.hpp"

#include <array>
#include <charconv>

namespace dialhook::status {
namespace {

std::string_view to_string(MetricType type)
{
    switch (type) {
    case MetricType::counter:
        return "counter";
    case MetricType::gauge:
        return "gauge";
    case MetricType::histogram:
        return "histogram";
    }
    return {};
}

void append(std::string& out, std::uint64_t value)
{
    std::array<char, 24> text; // NOLINT(cppcoreguidelines-pro-type-member-init): filled by the next line
    out.append(text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr);
}

/// As short as it can be without an exponent: bounds are read by people.
void append(std::string& out, double value)
{
    std::array<char, 400> text; // NOLINT(cppcoreguidelines-pro-type-member-init): filled by the next line
    const auto format = std::chars_format::fixed;
    out.append(text.data(), std::to_chars(text.data(), text.data() + text.size(), value, format).ptr);
}

void append_label(std::string& out, std::string_view name, std::string_view value)
{
    out += name;
    out += "=\"";
    for (const char c : value) {
        if (c == '\\' || c == '"')
            out += '\\';
        if (c == '\n')
            out += "\\n";
        else
            out += c;
    }
    out += '"';
}

} // namespace

void Exposition::begin(const MetricFamily& family)
{
    out_ += "# HELP ";
    out_ += family.name;
    out_ += ' ';
    out_ += family.help;
    out_ += "\n# TYPE ";
    out_ += family.name;
    out_ += ' ';
    out_ += to_string(family.type);
    out_ += '\n';
}

/// `bound` of a range; empty: the series has none.
void Exposition::series(std::string_view name, std::string_view suffix, Labels labels, std::string_view bound)
{
    out_ += name;
    out_ += suffix;
    char before = '{';
    const auto add = [&](std::string_view label, std::string_view value) {
        out_ += before;
        append_label(out_, label, value);
        before = ',';
    };
    if (common_)
        add(common_->first, common_->second);
    for (const auto& [label, value] : labels)
        add(label, value);
    if (!bound.empty())
        add("le", bound);
    out_ += before == '{' ? " " : "} ";
}

void Exposition::sample(std::string_view name, Labels labels, std::uint64_t value)
{
    series(name, {}, labels, {});
    append(out_, value);
    out_ += '\n';
}

void Exposition::sample(std::string_view name, Labels labels, double value)
{
    series(name, {}, labels, {});
    append(out_, value);
    out_ += '\n';
}

void Exposition::samples(std::string_view name, Labels labels, const dispatch::Distribution& distribution)
{
    using dispatch::Histogram;
    std::uint64_t so_far = 0;
    for (std::size_t range = 0; range < distribution.counts().size(); ++range) {
        std::string bound = "+Inf";
        if (range < Histogram::bounds.size()) {
            bound.clear();
            append(bound, std::chrono::duration<double>(Histogram::bounds[range]).count());
        }
        so_far += distribution.counts()[range];
        series(name, "_bucket", labels, bound);
        append(out_, so_far);
        out_ += '\n';
    }
    series(name, "_sum", labels, {});
    append(out_, distribution.sum().count());
    out_ += '\n';
    series(name, "_count", labels, {});
    append(out_, so_far);
    out_ += '\n';
}

} // namespace dialhook::status
