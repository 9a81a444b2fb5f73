#include "base/spelling.hpp"

#include "base/ascii.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

namespace dialhook {

using ascii::lower;

std::size_t edit_distance(std::string_view left, std::string_view right)
{
    // Three rows of the matrix of optimal string alignment: two above, one above, and the one being filled.
    std::vector<std::size_t> above2(right.size() + 1);
    std::vector<std::size_t> above(right.size() + 1);
    std::vector<std::size_t> row(right.size() + 1);
    std::iota(above.begin(), above.end(), std::size_t{0});

    for (std::size_t i = 1; i <= left.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= right.size(); ++j) {
            const auto a = lower(left[i - 1]);
            const auto b = lower(right[j - 1]);
            row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (a == b ? 0 : 1)});
            if (i > 1 && j > 1 && a == lower(right[j - 2]) && lower(left[i - 2]) == b)
                row[j] = std::min(row[j], above2[j - 2] + 1);
        }
        above2.swap(above);
        above.swap(row);
    }
    return above.back();
}

std::string_view nearest(std::string_view word, std::span<const std::string_view> known)
{
    constexpr std::size_t longest = 64;
    const bool has_letter = std::ranges::any_of(word, ascii::is_letter);
    if (!has_letter || word.size() > longest)
        return {};
    std::string_view best;
    std::size_t best_distance = 4;
    for (const auto candidate : known) {
        const auto [shorter, longer] = std::minmax({word.size(), candidate.size()});
        const auto near = std::max<std::size_t>(1, longer / 3);
        if (longer - shorter > near || longer - shorter >= best_distance)
            continue; // each letter more is a change
        const auto distance = edit_distance(word, candidate);
        if (distance <= near && distance < best_distance) {
            best = candidate;
            best_distance = distance;
        }
    }
    return best;
}

std::string did_you_mean(std::string_view word, std::span<const std::string_view> known)
{
    const auto best = nearest(word, known);
    return best.empty() ? std::string() : "; did you mean \"" + std::string(best) + "\"?";
}

std::string joined(std::span<const std::string_view> words, std::string_view last)
{
    std::string text;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (i > 0)
            text += i + 1 == words.size() ? " " + std::string(last) + " " : ", ";
        text += words[i];
    }
    return text;
}

} // namespace dialhook
