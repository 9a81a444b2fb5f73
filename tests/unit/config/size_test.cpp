#include "unit/config/loading.hpp"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <functional>
#include <limits>
#include <ostream>
#include <string>

namespace dialhook::config::test {
namespace {

constexpr std::size_t few = 250;
constexpr std::size_t many = 8 * few;

/// A configuration of so many like parts, written into a folder.
struct Kind
{
    const char* name;
    std::function<void(const Folder&, std::size_t count)> write;
};

void PrintTo(const Kind& kind, std::ostream* out)
{
    *out << kind.name;
}

std::string webhook(std::size_t number, std::string_view url = "http://crm.example/?did={did}")
{
    return "  w" + std::to_string(number) + ":\n    url: " + std::string(url) + "\n";
}

std::string dialplan(std::size_t number, const std::string& name)
{
    return "  \"+31" + std::to_string(1'000'000 + number) + "\":\n    - webhook: " + name + "\n";
}

template <class Part>
std::string repeated(std::size_t count, const Part& part)
{
    std::string text;
    for (std::size_t i = 0; i < count; ++i)
        text += part(i);
    return text;
}

/// `main.yaml` beside `count` files, each of which holds one part.
template <class Part>
auto in_files(const std::string& main, const std::string& section, const Part& part)
{
    return [=](const Folder& folder, std::size_t count) {
        folder.write("main.yaml", "include: conf.d/*.yaml\n" + main);
        for (std::size_t i = 0; i < count; ++i)
            folder.write("conf.d/" + std::to_string(i) + ".yaml", section + part(i));
    };
}

template <class Part>
auto in_one_file(const std::string& section, const Part& part)
{
    return [=](const Folder& folder, std::size_t count) { folder.write("main.yaml", section + repeated(count, part)); };
}

const Kind kinds[] = {
    {"WebhooksInFiles", in_files("", "webhooks:\n", [](std::size_t i) { return webhook(i); })},
    {"DialplansInFiles",
     in_files("webhooks:\n" + webhook(0), "dialplans:\n", [](std::size_t i) { return dialplan(i, "w0"); })},
    {"FaultsInFiles", in_files("", "webhooks:\n", [](std::size_t i) { return webhook(i, "http://{did}/"); })},
    {"OneNameInAllFiles", in_files("", "webhooks:\n", [](std::size_t) { return webhook(1); })},
    {"Webhooks", in_one_file("webhooks:\n", [](std::size_t i) { return webhook(i); })},
    {"Dialplans",
     in_one_file("webhooks:\n" + webhook(0) + "dialplans:\n", [](std::size_t i) { return dialplan(i, "w0"); })},
    {"OneNameTwice", in_one_file("webhooks:\n", [](std::size_t) { return webhook(1); })},
    {"FaultsWithinTexts", in_one_file("webhooks:\n", [](std::size_t i) { return webhook(i, "http://x/?{misspelt}"); })},
    {"UnknownKeys", in_one_file("webhooks:\n", [](std::size_t i) { return webhook(i) + "    timeot: 1s\n"; })},
    {"UnknownKeysOfOneWebhook",
     in_one_file("webhooks:\n" + webhook(0), [](std::size_t i) { return "    timeot" + std::to_string(i) + ": 1\n"; })},
    {"UnknownWebhooks",
     [](const Folder& folder, std::size_t count) {
         const std::size_t names = 2 * count;
         folder.write("main.yaml",
                      "webhooks:\n" + repeated(names, [](std::size_t i) { return webhook(i); }) + "dialplans:\n" +
                          repeated(names, [](std::size_t i) { return dialplan(i, "x" + std::to_string(i)); }));
     }},
};

/// The processor's time that this thread takes for a load, whatever else the machine does.
std::chrono::nanoseconds time_of_load(const Folder& folder)
{
    const auto now = [] {
        timespec time{};
        ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
        return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
    };
    const auto begin = now();
    static_cast<void>(load(folder.path() / "main.yaml", {}));
    return now() - begin;
}

class Size : public testing::TestWithParam<Kind>
{
};

/// Of what grows with the square, eight times as much takes 64 times as long.
TEST_P(Size, EightTimesAsMuchTakesNoMoreThanTwentyTimesAsLong)
{
    const Folder small;
    GetParam().write(small, few);
    const Folder large;
    GetParam().write(large, many);

    double least = std::numeric_limits<double>::max();
    for (int attempt = 0; attempt < 3 && least > 20; ++attempt) {
        const auto base = std::min(time_of_load(small), time_of_load(small));
        least = std::min(least, static_cast<double>(time_of_load(large).count()) / static_cast<double>(base.count()));
    }
    EXPECT_LE(least, 20);
}

std::string kind_name(const testing::TestParamInfo<Kind>& one)
{
    return one.param.name;
}

INSTANTIATE_TEST_SUITE_P(Load, Size, testing::ValuesIn(kinds), kind_name);

} // namespace
} // namespace dialhook::config::test
