#include "protocol.hpp"

namespace dialhook::bench {
namespace {

constexpr std::uint64_t callers = 100'000'000; // as many as `Call::digits` can name
constexpr std::uint64_t stride =
    61'803'399; // shares no factor with `callers`: each caller comes once in a hundred million

} // namespace

Call::Call(std::uint64_t id)
    : id_{id}
{
    auto rest = (id % callers) * stride % callers;
    for (auto digit = caller_digits_.rbegin(); digit != caller_digits_.rend(); ++digit, rest /= 10)
        *digit = static_cast<char>('0' + rest % 10);
}

} // namespace dialhook::bench
