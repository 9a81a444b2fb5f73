// A disk that a test fills: while the first byte of the file $DIALHOOK_DISK_IS_FULL is not zero, no file can be written at a
// position, which is how SQLite writes. Loaded before the C library by LD_PRELOAD.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static volatile const char* is_full;

__attribute__((constructor)) static void find_switch(void)
{
    const char* const path = getenv("DIALHOOK_DISK_IS_FULL");
    const int file = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        _exit(127);
    void* const memory = mmap(NULL, 1, PROT_READ, MAP_SHARED, file, 0);
    if (memory == MAP_FAILED)
        _exit(127);
    close(file);
    is_full = memory;
}

ssize_t pwrite64(int file, const void* bytes, size_t size, off64_t offset)
{
    static ssize_t (*really)(int, const void*, size_t, off64_t);
    if (is_full != NULL && *is_full != 0) {
        errno = ENOSPC;
        return -1;
    }
    if (really == NULL)
        *(void**)&really = dlsym(RTLD_NEXT, "pwrite64");
    return really(file, bytes, size, offset);
}
