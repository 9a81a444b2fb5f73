// The same targets under libFuzzer: DIALHOOK_FUZZ_TARGET names the one, since all are one program.
#include "fuzz/targets.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace {

const dialhook::fuzz::Target& chosen()
{
    const char* const name = std::getenv("DIALHOOK_FUZZ_TARGET");
    const auto* const found =
        std::ranges::find(dialhook::fuzz::targets, name == nullptr ? "" : name, &dialhook::fuzz::Target::name);
    if (found == dialhook::fuzz::targets.end()) {
        std::fputs("DIALHOOK_FUZZ_TARGET names no target; scripts/fuzz sets it\n", stderr);
        std::exit(2);
    }
    return *found;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    static const dialhook::fuzz::Target& target = chosen();
    target.run({reinterpret_cast<const char*>(data), size});
    return 0;
}
