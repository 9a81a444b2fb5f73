#pragma once

#include <unistd.h>

#include <utility>

namespace dialhook::daemon {

/// A descriptor that is closed at the end; negative: none.
class FileDescriptor
{
public:
    explicit FileDescriptor(int number)
        : number_(number)
    {
    }
    ~FileDescriptor() { reset(); }
    FileDescriptor(FileDescriptor&& other) noexcept
        : number_(std::exchange(other.number_, -1))
    {
    }
    FileDescriptor& operator=(FileDescriptor&&) = delete;

    explicit operator bool() const { return number_ >= 0; }
    int number() const { return number_; }

    void reset()
    {
        if (number_ >= 0)
            ::close(std::exchange(number_, -1));
    }

private:
    int number_;
};

} // namespace dialhook::daemon
