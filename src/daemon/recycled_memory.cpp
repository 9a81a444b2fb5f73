#include <array>
#include <cstddef>
#include <cstdlib>
#include <malloc.h>
#include <new>

/// Memory for small objects, kept for the next ones of the same thread: the program's `operator new`.
///
/// A call takes some fourteen blocks, most of them coroutine frames, and gives them back when it ends. Here it is about
/// thirty instructions for a block taken and given back, and every second decision needs one of malloc's.
///
/// A block is one of malloc's, whichever thread frees it: what is kept is bounded, the rest goes back at once, and so
/// does memory of thousands of calls that hung. Left out of the builds with sanitizers and for Valgrind, which watch
/// every block themselves.
namespace {

constexpr std::size_t granule = 32;       // of 64, a call that hangs would hold half a KiB more
constexpr std::size_t classes = 64;       // blocks up to 2 KiB
constexpr std::size_t kept_in_class = 64; // 4 MiB for each thread at most, and only what its calls use

struct Block
{
    Block* next;
};

struct Kept
{
    Block* first = nullptr;
    std::size_t count = 0;
};

/// Trivial on purpose: it must serve threads that end, until their last destructor has run.
thread_local constinit std::array<Kept, classes> kept{};

/// To one of jemalloc's own sizes, so that the size which it tells of a block is that of the block's class.
constexpr std::size_t rounded(std::size_t size)
{
    const std::size_t step = size <= 256 ? granule : size <= 512 ? 64 : size <= 1024 ? 128 : 256;
    return size == 0 ? granule : (size + step - 1) / step * step;
}

constexpr std::size_t class_of(std::size_t size)
{
    return rounded(size) / granule - 1;
}

constexpr std::size_t room_of(std::size_t index)
{
    return (index + 1) * granule;
}

void* from_malloc(std::size_t size)
{
    while (true) {
        if (void* const place = std::malloc(size)) // NOLINT(cppcoreguidelines-no-malloc): this is what new is made of
            return place;
        const std::new_handler handler = std::get_new_handler();
        if (handler == nullptr)
            throw std::bad_alloc();
        handler();
    }
}

void give_back(void* place, std::size_t index)
{
    if (index >= classes || kept[index].count == kept_in_class) {
        std::free(place); // NOLINT(cppcoreguidelines-no-malloc)
        return;
    }
    auto* const block = static_cast<Block*>(place);
    block->next = kept[index].first;
    kept[index].first = block;
    ++kept[index].count;
}

} // namespace

void* operator new(std::size_t size)
{
    const std::size_t index = class_of(size);
    if (index >= classes)
        return from_malloc(size);
    Kept& same = kept[index];
    if (same.first == nullptr)
        return from_malloc(room_of(index));
    Block* const block = same.first;
    same.first = block->next;
    --same.count;
    return block;
}

void operator delete(void* place, std::size_t size) noexcept
{
    if (place != nullptr)
        give_back(place, class_of(size));
}

/// Who deletes so does not know the size, but malloc does. Rounded down: malloc may have given more than it was asked
/// for, and then the block holds any object of the class below.
void operator delete(void* place) noexcept
{
    if (place != nullptr)
        give_back(place, ::malloc_usable_size(place) / granule - 1); // it gives a granule at least
}

// jemalloc has the other forms as well, and its blocks may be smaller than those of a class here. So all of them are
// these.
void* operator new[](std::size_t size)
{
    return ::operator new(size);
}

void* operator new(std::size_t size, const std::nothrow_t&) noexcept
try {
    return ::operator new(size);
} catch (const std::bad_alloc&) {
    return nullptr;
}

void* operator new[](std::size_t size, const std::nothrow_t& nothrow) noexcept
{
    return ::operator new(size, nothrow);
}

void operator delete[](void* place) noexcept
{
    ::operator delete(place);
}

void operator delete[](void* place, std::size_t size) noexcept
{
    ::operator delete(place, size);
}

void operator delete(void* place, const std::nothrow_t&) noexcept
{
    ::operator delete(place);
}

void operator delete[](void* place, const std::nothrow_t&) noexcept
{
    ::operator delete(place);
}
