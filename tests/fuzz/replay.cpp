// Runs every input of one target's corpus once, without a fuzzer: what was found stays found.
//   fuzz-replay TARGET FOLDER
#include "fuzz/targets.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

namespace {

int replay(const dialhook::fuzz::Target& target, const std::filesystem::path& folder)
{
    int inputs = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        std::ifstream file(entry.path(), std::ios::binary);
        const std::string input(std::istreambuf_iterator<char>(file), {});
        std::printf("%s\n", entry.path().filename().c_str());
        std::fflush(stdout); // it is the last line if this input ends the process
        target.run(input);
        for (const std::size_t cut : {input.size() / 3, input.size() * 2 / 3, input.size() - (input.empty() ? 0 : 1)})
            target.run(std::string_view(input).substr(0, cut));
        ++inputs;
    }
    std::printf("%d inputs, each whole and cut short\n", inputs);
    return inputs == 0 ? 1 : 0;
}

} // namespace

int main(int argc, char** argv)
{
    if (argc != 3) {
        std::fputs("usage: fuzz-replay TARGET FOLDER\n", stderr);
        return 2;
    }
    const auto* const found = std::ranges::find(dialhook::fuzz::targets, argv[1], &dialhook::fuzz::Target::name);
    if (found == dialhook::fuzz::targets.end()) {
        std::fprintf(stderr, "fuzz-replay: there is no target %s\n", argv[1]);
        return 2;
    }
    if (!std::filesystem::is_directory(argv[2])) {
        std::fprintf(stderr, "fuzz-replay: %s is not a folder\n", argv[2]);
        return 2;
    }
    return replay(*found, argv[2]);
}
