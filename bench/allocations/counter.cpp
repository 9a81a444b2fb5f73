// Counts what a program allocates; for LD_PRELOAD, in the bench alone. The count stands in the first 8 bytes of the
// file that ALLOCATION_COUNT names, for others to read while the program runs. C++'s `new` comes through malloc and is
// counted there.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <dlfcn.h>

namespace {

std::atomic<std::uint64_t> before_start; // counted until the file is there
std::atomic<std::uint64_t>* count = &before_start;

static_assert(std::atomic<std::uint64_t>::is_always_lock_free);

[[gnu::constructor]] void open_count()
{
    const char* const path = std::getenv("ALLOCATION_COUNT");
    const int file = path == nullptr ? -1 : ::open(path, O_RDWR | O_CLOEXEC);
    if (file < 0)
        return;
    void* const page = ::mmap(nullptr, sizeof *count, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (page != MAP_FAILED)
        count = static_cast<std::atomic<std::uint64_t>*>(page);
    ::close(file);
}

void count_one()
{
    count->fetch_add(1, std::memory_order_relaxed);
}

/// The allocator's own function behind the one here.
template <class Function>
Function* behind(const char* name)
{
    return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

} // namespace

extern "C" {

void* malloc(std::size_t size) // NOLINT(readability-inconsistent-declaration-parameter-name)
{
    static auto* const next = behind<void*(std::size_t)>("malloc");
    count_one();
    return next(size);
}

void* calloc(std::size_t number, std::size_t size)
{
    static auto* const next = behind<void*(std::size_t, std::size_t)>("calloc");
    count_one();
    return next(number, size);
}

void* realloc(void* memory, std::size_t size)
{
    static auto* const next = behind<void*(void*, std::size_t)>("realloc");
    count_one();
    return next(memory, size);
}

void* memalign(std::size_t alignment, std::size_t size)
{
    static auto* const next = behind<void*(std::size_t, std::size_t)>("memalign");
    count_one();
    return next(alignment, size);
}

void* aligned_alloc(std::size_t alignment, std::size_t size)
{
    static auto* const next = behind<void*(std::size_t, std::size_t)>("aligned_alloc");
    count_one();
    return next(alignment, size);
}

int posix_memalign(void** memory, std::size_t alignment, std::size_t size)
{
    static auto* const next = behind<int(void**, std::size_t, std::size_t)>("posix_memalign");
    count_one();
    return next(memory, alignment, size);
}
}
