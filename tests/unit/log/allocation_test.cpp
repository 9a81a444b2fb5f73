#include "pipe.hpp"

#include <dialhook/log/log.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdlib>
#include <new>
#include <string>

#ifdef __has_feature
#define DIALHOOK_FEATURE(name) __has_feature(name)
#else
#define DIALHOOK_FEATURE(name) 0
#endif

// ThreadSanitizer brings operators of its own that cannot be replaced.
#if !defined(__SANITIZE_THREAD__) && !DIALHOOK_FEATURE(thread_sanitizer)

namespace {

thread_local std::size_t allocations = 0;

} // namespace

void* operator new(std::size_t size)
{
    ++allocations;
    if (void* const place = std::malloc(size))
        return place;
    throw std::bad_alloc();
}

void operator delete(void* place) noexcept
{
    std::free(place);
}

void operator delete(void* place, std::size_t) noexcept
{
    std::free(place);
}

namespace dialhook::log {
namespace {

TEST(Log, AllocatesNothingAfterAThreadsFirstRecord)
{
    Pipe pipe;
    Log log({Level::info, Format::text, pipe.writer(), std::chrono::seconds(1)});
    const std::string text(100, 'x');
    log.write(Level::info, "first");

    const auto before = allocations;
    for (int index = 0; index < 100; ++index)
        log.write(Level::info, "m", {{"text", text}, {"index", index}, {"ms", Decimal{1.5, 1}}});
    EXPECT_EQ(allocations, before);
}

} // namespace
} // namespace dialhook::log

#endif
