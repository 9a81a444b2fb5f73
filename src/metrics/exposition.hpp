#pragma once

#include "metrics/histogram.hpp"

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace dialhook::status {

/// What a metric is to Prometheus.
enum class MetricType : unsigned char
{
    counter,
    gauge,
    histogram
};

/// A name for all series that differ in their labels alone.
struct MetricFamily
{
    std::string_view name;
    MetricType type;
    std::string_view help;
};

using Label = std::pair<std::string_view, std::string_view>;
using Labels = std::initializer_list<Label>;

/// Appends metrics in Prometheus' text format (version 0.0.4) to a text.
class Exposition
{
public:
    explicit Exposition(std::string& out)
        : out_(out)
    {
    }

    /// Gives the samples that follow `label` too, before their own.
    void of(Label label) { common_ = label; }

    /// Begins a family; all its samples follow.
    void begin(const MetricFamily& family);

    void sample(std::string_view name, Labels labels, std::uint64_t value);
    void sample(std::string_view name, Labels labels, double value);

    /// Adds the series `_bucket`, `_sum` and `_count`.
    void samples(std::string_view name, Labels labels, const dispatch::Distribution& distribution);

private:
    void series(std::string_view name, std::string_view suffix, Labels labels, std::string_view bound);

    std::string& out_;
    std::optional<Label> common_;
};

} // namespace dialhook::status
