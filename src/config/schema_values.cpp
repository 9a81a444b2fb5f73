#include "config/schema_values.hpp"

#include "yaml/scalars.hpp"
#include "yaml/times.hpp"

namespace dialhook::config {

std::string time_schema(std::chrono::milliseconds min)
{
    const bool may_be_zero = min.count() == 0;
    const auto max = std::chrono::duration_cast<std::chrono::seconds>(max_time).count();
    return R"({"type":["string","number"],"pattern":"^)" + std::string(may_be_zero ? "" : "(?=.*[1-9])") +
           R"([0-9]+(\\.[0-9]+)?(ms|s|m|h)?$","patternErrorMessage":"expected )" + std::string(time_examples) +
           R"(",)" + (may_be_zero ? R"("minimum":0)" : R"("exclusiveMinimum":0)") + R"(,"maximum":)" +
           std::to_string(max) + "}";
}

std::string number_schema(std::int64_t min, std::int64_t max)
{
    return R"({"type":"integer","minimum":)" + std::to_string(min) + R"(,"maximum":)" + std::to_string(max) + "}";
}

std::string choice_schema(std::span<const std::string_view> words)
{
    std::string all;
    for (const auto word : words) {
        all.append(all.empty() ? "\"" : ",\"").append(word) += '"';
        if (is_number(word))
            all.append(",").append(word);
    }
    return R"({"enum":[)" + all + "]}";
}

} // namespace dialhook::config
