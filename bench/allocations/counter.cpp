// Counts what a program allocates; for LD_PRELOAD, in the bench alone. The count stands in the first 8 bytes of the
// file that ALLOCATION_COUNT names, for others to read while the program runs. C++'s `new` comes through malloc and is
// counted there.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <dlfcn.h>

extern "C" {
// The C library's own, by the names that it keeps for those who put themselves in between.
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* memory, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);
}

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

} // namespace

extern "C" {

void* malloc(std::size_t size) // NOLINT(readability-inconsistent-declaration-parameter-name)
{
    count_one();
    return __libc_malloc(size);
}

void* calloc(std::size_t number, std::size_t size)
{
    count_one();
    return __libc_calloc(number, size);
}

void* realloc(void* memory, std::size_t size)
{
    count_one();
    return __libc_realloc(memory, size);
}

void* memalign(std::size_t alignment, std::size_t size)
{
    count_one();
    return __libc_memalign(alignment, size);
}

void* aligned_alloc(std::size_t alignment, std::size_t size)
{
    count_one();
    return __libc_memalign(alignment, size);
}

int posix_memalign(void** memory, std::size_t alignment, std::size_t size)
{
    count_one();
    *memory = __libc_memalign(alignment, size);
    return *memory == nullptr ? ENOMEM : 0;
}
}
